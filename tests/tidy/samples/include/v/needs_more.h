// Does not compile alone: uint32_t is not declared.
uint32_t v_lonely(void);
