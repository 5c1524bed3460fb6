// Compiles as C alone: `class` is a name there.
#ifndef V_NOT_CPP_H
#define V_NOT_CPP_H
int v_of(int class);
#endif
