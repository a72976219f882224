package dev.weir.control.envoy;

import dev.weir.control.model.StrippedHeaders;
import dev.weir.xds.wire.WeirHeaders;
import io.envoyproxy.envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation;

/** What becomes of an agent's headers before anything else sees them. */
final class AgentHeaders {
    private AgentHeaders() {}

    /** Answers are asked for as they are: no header at all would leave the choice to the provider. */
    static HeaderMutation early() {
        HeaderMutation.Builder early = HeaderMutation.newBuilder();
        StrippedHeaders.NAMES.forEach(names -> early.addMutations(Headers.removingMatch(names)));
        return early.addMutations(Headers.setting("accept-encoding", "identity"))
                // what is decompressed has no such header any more
                .addMutations(Headers.setting(WeirHeaders.ENCODING, "%REQ(content-encoding)%"))
                .build();
    }
}
