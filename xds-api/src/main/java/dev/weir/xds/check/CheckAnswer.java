package dev.weir.xds.check;

import java.util.Map;

/** What becomes of a request. */
public sealed interface CheckAnswer {
    /**
     * The request goes on to a provider.
     *
     * @param headers put on the request
     * @param facts for the records: strings, booleans, numbers, lists and maps of them
     */
    record Pass(Map<String, String> headers, Map<String, Object> facts) implements CheckAnswer {
        public static final Pass UNCHANGED = new Pass(Map.of(), Map.of());

        public Pass {
            headers = Map.copyOf(headers);
            facts = Map.copyOf(facts);
        }
    }

    /**
     * The request is answered by the sidecar itself.
     *
     * @param status HTTP status, 200-599
     * @param headers of the response
     * @param body of the response
     */
    record Refuse(int status, Map<String, String> headers, String body) implements CheckAnswer {
        public Refuse {
            headers = Map.copyOf(headers);
        }
    }
}
