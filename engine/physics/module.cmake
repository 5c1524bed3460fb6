# GCC 12's straight-line vectorizer makes fused multiply-subtract-add instructions out of alternating signs even under
# -ffp-contract=off (seen in quaternion products with -march=x86-64-v3), which changes bits.
target_compile_options(v_physics PRIVATE $<$<C_COMPILER_ID:GNU>:-fno-tree-slp-vectorize>)
