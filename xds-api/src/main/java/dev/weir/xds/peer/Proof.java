package dev.weir.xds.peer;

import dev.weir.xds.RejectionListener;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.TlsServerCredentials.ClientAuth;

/**
 * What a server asks of those who connect.
 *
 * @param identity the server's own, and the authorities whose certificates it believes
 * @param identities what each may do
 * @param rejections told of whom it refuses
 */
public record Proof(TlsIdentity identity, Identities identities, RejectionListener rejections) {
    /**
     * The credentials for the handshake. Who shows no certificate is refused later, with words, unless a token speaks for him.
     */
    public ServerCredentials credentials() {
        return TlsServerCredentials.newBuilder()
                .keyManager(identity.keys())
                .trustManager(new ReportingTrust(identity.trust(), rejections))
                .clientAuth(ClientAuth.OPTIONAL)
                .build();
    }
}
