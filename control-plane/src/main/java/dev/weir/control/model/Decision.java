package dev.weir.control.model;

import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;

/**
 * A released decision: immutable, numbered, stored, explained by {@code weir explain}.
 *
 * @param epoch its number
 * @param atMillis wall clock of its release
 * @param observation what it was made from
 * @param proposal what was decided, and why
 */
public record Decision(Epoch epoch, long atMillis, Observation observation, Proposal proposal) {}
