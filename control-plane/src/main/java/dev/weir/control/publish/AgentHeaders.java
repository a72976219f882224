package dev.weir.control.publish;

import io.envoyproxy.envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation;
import java.util.List;

/**
 * What becomes of an agent's headers before anything else sees them. Nothing that an agent says may look like something that
 * Weir, Envoy or a proxy said, or make a provider serve another path, method, host or user than the one that was asked for.
 * Many frameworks take {@code _} for {@code -}, so both spellings go.
 */
final class AgentHeaders {
    /**
     * RE2, of whole names in lower case; {@code -} stands for {@code -} and {@code _}. Several, because Envoy refuses large
     * ones.
     */
    private static final List<String> REMOVED = List.of(
            "weir-.*|x-envoy-.*|x-request-id",
            // who sent it, whereto and how, in the words of proxies; another path, method or host than the request's
            // own
            "forwarded|x-(forwarded|original|accel|middleware)(-.*)?",
            "(x-)?(true|cluster)?-?(real|client|remote)-(ip|addr|host|user)",
            "cf-connecting-ip|x-(host|scheme|ssl|port)",
            "x-rewrite-url|x-(http-)?(method|path)(-override)?",
            // what some servers obey: a proxy for their own calls, files to send
            "proxy|x-sendfile-type");

    private AgentHeaders() {}

    /** Answers are asked for as they are: no header at all would leave the choice to the provider. */
    static HeaderMutation early() {
        HeaderMutation.Builder early = HeaderMutation.newBuilder();
        REMOVED.forEach(names -> early.addMutations(Headers.removingMatch(names.replace("-", "[-_]"))));
        return early.addMutations(Headers.setting("accept-encoding", "identity"))
                // what is decompressed has no such header any more
                .addMutations(Headers.setting(Headers.ENCODING, "%REQ(content-encoding)%"))
                .build();
    }
}
