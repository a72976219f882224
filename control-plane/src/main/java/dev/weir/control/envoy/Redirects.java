package dev.weir.control.envoy;

import com.github.xds.core.v3.TypedExtensionConfig;
import com.github.xds.type.matcher.v3.Matcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate.PredicateList;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate;
import com.github.xds.type.matcher.v3.RegexMatcher;
import com.github.xds.type.matcher.v3.RegexMatcher.GoogleRE2;
import com.github.xds.type.matcher.v3.StringMatcher;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.extensions.filters.http.custom_response.v3.CustomResponse;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy;
import io.envoyproxy.envoy.type.matcher.v3.HttpResponseHeaderMatchInput;
import io.envoyproxy.envoy.type.matcher.v3.HttpResponseStatusCodeMatchInput;

/**
 * Redirects of providers become 502: an agent that followed one would leave the mesh, and take its key to whoever the provider
 * names. Without a {@code location} nobody can follow, and 304 is none. The provider's answer is cut off at its head, however
 * long its body would have been.
 */
final class Redirects {
    private static final String STATUSES = "30[0-35-9]|3[1-9][0-9]";

    private Redirects() {}

    static HttpFilter filter() {
        Predicate redirect = Predicate.newBuilder()
                .setAndMatcher(PredicateList.newBuilder()
                        .addPredicate(where("status", HttpResponseStatusCodeMatchInput.getDefaultInstance(), STATUSES))
                        .addPredicate(where(
                                "location",
                                HttpResponseHeaderMatchInput.newBuilder()
                                        .setHeaderName("location")
                                        .build(),
                                ".*")))
                .build();
        LocalResponsePolicy refusal = LocalResponsePolicy.newBuilder()
                .setStatusCode(UInt32Value.of(502))
                .setBodyFormat(Errors.redirected())
                .build();
        Matcher matcher = Matcher.newBuilder()
                .setMatcherList(Matcher.MatcherList.newBuilder()
                        .addMatchers(FieldMatcher.newBuilder()
                                .setPredicate(redirect)
                                .setOnMatch(Matcher.OnMatch.newBuilder().setAction(extension("refusal", refusal)))))
                .build();
        return Listeners.filter(
                "weir.redirects",
                Any.pack(CustomResponse.newBuilder()
                        .setCustomResponseMatcher(matcher)
                        .build()));
    }

    private static Predicate where(String name, Message input, String regex) {
        return Predicate.newBuilder()
                .setSinglePredicate(SinglePredicate.newBuilder()
                        .setInput(extension(name, input))
                        .setValueMatch(StringMatcher.newBuilder()
                                .setSafeRegex(RegexMatcher.newBuilder()
                                        .setGoogleRe2(GoogleRE2.getDefaultInstance())
                                        .setRegex(regex))))
                .build();
    }

    private static TypedExtensionConfig extension(String name, Message config) {
        return TypedExtensionConfig.newBuilder()
                .setName(name)
                .setTypedConfig(Any.pack(config))
                .build();
    }
}
