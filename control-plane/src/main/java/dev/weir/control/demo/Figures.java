package dev.weir.control.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.control.testbed.Fleet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What one policy did in one telling of the story. Times are milliseconds.
 *
 * @param traffic what the callers saw
 * @param records what the ledger holds against what the providers counted
 * @param releases decisions released while the story was told
 * @param nacks resources that sidecars refused
 */
record Figures(Traffic traffic, Records records, long releases, long nacks) {
    /**
     * Every call is one of completed, refused, failed and unfinished. Latencies count from the intended send time and
     * include calls that were answered too late to count as completed.
     *
     * @param offered calls sent
     * @param completed answered whole
     * @param refused answered with 429
     * @param withoutWait of these, without {@code retry-after-ms} of 1 - 60 000
     * @param meanRetryAfter that these said, 0 = there were none
     * @param failed answered with another error, cut, or not at all
     * @param unfinished without an answer two seconds after the last call was sent
     * @param missingHeaders headers missing, unreadable or untrue on answers with status 200
     * @param reactionMillis from the event until the provider's share of first attempts over 500 ms was at most 70 % of its
     *     former share; empty = never, or nothing happened
     * @param meanWaitWhileSlow over the calls meant to be sent between event and recovery
     * @param before shares of first attempts before the event
     * @param during between event and recovery
     * @param after in the second half of the time after recovery
     */
    record Traffic(
            long offered,
            long completed,
            long refused,
            long withoutWait,
            double meanRetryAfter,
            long failed,
            long unfinished,
            long missingHeaders,
            OptionalLong reactionMillis,
            double meanWait,
            double p99Wait,
            OptionalDouble meanWaitWhileSlow,
            double meanResponse,
            double p50Response,
            double p99Response,
            Map<String, Double> before,
            Map<String, Double> during,
            Map<String, Double> after,
            long minPrice,
            long maxPrice) {
        /** The largest provider's share after its recovery as a part of its share before. */
        double shareBack() {
            double former = before.getOrDefault(Fleet.LARGEST, 0.0);
            return former == 0 ? 0 : after.getOrDefault(Fleet.LARGEST, 0.0) / former;
        }
    }

    /**
     * @param attemptsAtProviders attempts that the providers counted
     * @param attemptsInLedger attempts at providers that the ledger holds
     * @param bounced attempts that a side refused, so that the provider never saw them
     * @param missing attempts and completed calls that have no record
     * @param extra records of attempts and completed calls that nobody made
     * @param tokensAtProviders tokens of the answers that the providers gave
     * @param tokensInLedger tokens of the calls in the ledger
     * @param calls calls that ended, those before the clock started too
     */
    record Records(
            long attemptsAtProviders,
            long attemptsInLedger,
            long bounced,
            long missing,
            long extra,
            long tokensAtProviders,
            long tokensInLedger,
            long calls) {
        double attemptsPerCall() {
            return (double) attemptsAtProviders / Math.max(1, calls);
        }
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("offered", traffic.offered)
                .put("completed", traffic.completed)
                .put("refused", traffic.refused)
                .put("retryAfterMillis", round(traffic.meanRetryAfter))
                .put("failed", traffic.failed)
                .put("unfinished", traffic.unfinished);
        json.putObject("attempts")
                .put("providers", records.attemptsAtProviders)
                .put("ledger", records.attemptsInLedger)
                .put("bounced", records.bounced);
        json.put("missingRecords", records.missing)
                .put("extraRecords", records.extra)
                .put("missingHeaders", traffic.missingHeaders)
                .put("releases", releases)
                .put("nacks", nacks);
        if (traffic.reactionMillis.isPresent()) {
            json.put("reactionMillis", traffic.reactionMillis.getAsLong());
        } else {
            json.putNull("reactionMillis");
        }
        ObjectNode wait = json.putObject("waitMillis")
                .put("mean", round(traffic.meanWait))
                .put("p99", round(traffic.p99Wait));
        if (traffic.meanWaitWhileSlow.isPresent()) {
            wait.put("meanWhileSlow", round(traffic.meanWaitWhileSlow.getAsDouble()));
        } else {
            wait.putNull("meanWhileSlow");
        }
        json.putObject("responseMillis")
                .put("mean", round(traffic.meanResponse))
                .put("p50", round(traffic.p50Response))
                .put("p99", round(traffic.p99Response));
        json.putObject("tokens").put("providers", records.tokensAtProviders).put("ledger", records.tokensInLedger);
        ObjectNode shares = json.putObject("shares");
        shares(shares.putObject("before"), traffic.before);
        shares(shares.putObject("during"), traffic.during);
        shares(shares.putObject("after"), traffic.after);
        json.putObject("price").put("min", traffic.minPrice).put("max", traffic.maxPrice);
        return json;
    }

    private static void shares(ObjectNode json, Map<String, Double> shares) {
        shares.forEach((provider, share) -> json.put(provider, Math.round(share * 1e4) / 1e4));
    }

    private static double round(double millis) {
        return Math.round(millis * 1e3) / 1e3;
    }
}
