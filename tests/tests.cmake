# Tests of the whole tree rather than of one module: tidiness, the fuzz corpora, the scripts and papers.
add_subdirectory(fuzz)
