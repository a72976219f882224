package dev.weir.sim;

/**
 * A stretch of simulated time whose requests are measured, by their arrival.
 *
 * @param name for tables
 * @param from seconds, inclusive
 * @param to seconds, exclusive
 */
public record Span(String name, double from, double to) {}
