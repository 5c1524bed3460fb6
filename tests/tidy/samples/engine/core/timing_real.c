// May read the clock, but not throw dice.
unsigned long now(void)
{
    return v_clock_ns() + (unsigned long)rand();
}
