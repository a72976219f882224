package dev.weir.control.pick;

import dev.weir.control.pick.PickListener.Outcome;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.check.Refusals;

/** Refusals, in words. */
final class Verdicts {
    private static final String INVALID = "invalid_request_error";

    private Verdicts() {}

    static CheckAnswer unknownPool(CheckedRequest check) {
        return Refusals.of(
                404,
                INVALID,
                "unknown_pool",
                "There is no pool \"" + check.pool() + "\" (expected: a pool of the mesh).",
                check.requestId());
    }

    static CheckAnswer inUse(CheckedRequest check) {
        return Refusals.of(
                409,
                INVALID,
                "request_id_in_use",
                "x-request-id: another request has it (expected: one of its own).",
                check.requestId());
    }

    static CheckAnswer busy(CheckedRequest check, Outcome why, String message, long retryAfterMillis) {
        String code = switch (why) {
            case NO_PROVIDER -> "no_provider";
            case EXPIRED -> "queue_timeout";
            default -> "queue_full";
        };
        return Refusals.busy(code, message, check.requestId(), retryAfterMillis);
    }
}
