package dev.weir.xds.peer;

import dev.weir.xds.RejectionListener;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Judges clients as another does, and reports whom it refused: the handshake itself tells nobody here. */
public final class ReportingTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager judge;
    private final RejectionListener rejections;

    public ReportingTrust(X509ExtendedTrustManager judge, RejectionListener rejections) {
        this.judge = judge;
        this.rejections = rejections;
    }

    private interface Judgement {
        void pass() throws CertificateException;
    }

    private void report(X509Certificate[] chain, Judgement judgement) throws CertificateException {
        try {
            judgement.pass();
        } catch (CertificateException e) {
            String subject =
                    chain.length == 0 ? "" : chain[0].getSubjectX500Principal().getName();
            rejections.rejected("", Peer.REFUSED, "certificate: \"" + subject + "\": " + e.getMessage());
            throw e;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        report(chain, () -> judge.checkClientTrusted(chain, authType, engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        report(chain, () -> judge.checkClientTrusted(chain, authType, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        report(chain, () -> judge.checkClientTrusted(chain, authType));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge.checkServerTrusted(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        judge.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        judge.checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }
}
