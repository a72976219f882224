package dev.weir.weights;

/**
 * One tick's numbers of a provider over all its pools.
 *
 * @param inFlight requests
 * @param backlogWork their work units
 * @param completions 2xx ends since the tick before
 * @param completedWork their work units
 * @param answerSeconds sum of their durations, 0 = not known
 * @param failures ends since the tick before that speak against the provider
 * @param workPerRequest mean work units per request, weighted with what its pools were offered
 */
record ProviderTotals(
        double inFlight,
        double backlogWork,
        double completions,
        double completedWork,
        double answerSeconds,
        double failures,
        double workPerRequest) {}
