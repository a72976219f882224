package dev.weir.control.publish;

import com.google.protobuf.Value;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.KeyValuePair;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.MatchRules;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.Rule;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.Selector;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;

/**
 * What sidecars read out of requests, into dynamic metadata of namespace {@code weir.req}. Routes match on it, records carry it.
 */
final class BodyRules {
    static final String REQUEST = "weir.req";

    /** Set, to true, on every request as soon as its body has been read, readable or not. */
    static final String READ = "read";

    static final String MODEL = "model";

    /** Why there is no model: {@link #MISSING_MODEL} or {@link #INVALID_JSON}. */
    static final String PROBLEM = "problem";

    static final String MISSING_MODEL = "missing_model";
    static final String INVALID_JSON = "invalid_json";

    /** Envoy's own default fits neither a charset parameter nor a missing content type. */
    private static final String JSON_TYPES = "(?i)application/([a-z0-9.+-]+\\+)?json(\\s*;.*)?";

    private static final Value TRUE = Value.newBuilder().setBoolValue(true).build();

    private BodyRules() {}

    static JsonToMetadata ofRequests() {
        return JsonToMetadata.newBuilder()
                .setRequestRules(rules().addRules(rule(MODEL)
                                .setOnPresent(kept(MODEL))
                                .setOnMissing(fixed(PROBLEM, text(MISSING_MODEL)))
                                .setOnError(fixed(PROBLEM, text(INVALID_JSON))))
                        .addRules(rule(MODEL)
                                .setOnPresent(fixed(READ, TRUE))
                                .setOnMissing(fixed(READ, TRUE))
                                .setOnError(fixed(READ, TRUE)))
                        .addRules(rule("stream").setOnPresent(kept("stream")))
                        .addRules(rule("stream_options", "include_usage").setOnPresent(kept("include_usage"))))
                .build();
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static MatchRules.Builder rules() {
        return MatchRules.newBuilder()
                .setAllowContentTypesRegex(RegexMatcher.newBuilder().setRegex(JSON_TYPES))
                .setAllowEmptyContentType(true);
    }

    private static Rule.Builder rule(String... path) {
        Rule.Builder rule = Rule.newBuilder();
        for (String key : path) {
            rule.addSelectors(Selector.newBuilder().setKey(key));
        }
        return rule;
    }

    private static KeyValuePair.Builder kept(String key) {
        return KeyValuePair.newBuilder().setMetadataNamespace(REQUEST).setKey(key);
    }

    private static KeyValuePair.Builder fixed(String key, Value value) {
        return kept(key).setValue(value);
    }
}
