package dev.weir.sim.experiment;

import dev.weir.sim.engine.Policy;

/** A policy with the name it has in tables. */
public record Contender(String name, Policy.Factory factory) {}
