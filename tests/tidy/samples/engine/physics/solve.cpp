// C++ where there should be none.
