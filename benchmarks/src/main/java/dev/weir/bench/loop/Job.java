package dev.weir.bench.loop;

/**
 * One call as planned; every policy gets the same.
 *
 * @param number from 0
 * @param offsetNanos when it is meant to be sent, from the start of the run
 * @param size in work units, mean 1
 * @param pool index of the pool that it asks for
 */
record Job(int number, long offsetNanos, double size, int pool) {}
