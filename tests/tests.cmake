# Tests of the whole tree rather than of one module: tidiness, the fuzz corpora, the scripts and papers.
if(NOT V_FUZZ)
    add_subdirectory(fuzz)
endif()
add_subdirectory(tidy)
