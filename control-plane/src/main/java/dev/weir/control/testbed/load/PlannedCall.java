package dev.weir.control.testbed.load;

/**
 * @param number from 0
 * @param offsetNanos when it is to be sent, from the start of the run
 * @param job size in work units, mean 1
 * @param streamed whether it asks for a stream
 * @param asksUsage whether a streamed one asks for the usage chunk
 */
public record PlannedCall(int number, long offsetNanos, double job, boolean streamed, boolean asksUsage) {}
