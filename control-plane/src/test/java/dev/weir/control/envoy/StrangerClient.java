package dev.weir.control.envoy;

import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Calls a side past any sidecar, and believes whoever answers. */
final class StrangerClient {
    private static final int PATIENCE_MILLIS = 20_000;

    private StrangerClient() {}

    /** @param status 0 = the connection ended without an answer */
    record Answer(int status, String body) {}

    /** In plain text. */
    static Answer plain(int port, String... headers) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return exchange(socket, headers);
        } catch (IOException e) {
            return new Answer(0, e.toString());
        }
    }

    /** With TLS and no certificate. */
    static Answer uncertified(int port, String... headers) {
        return over(port, new KeyManager[0], headers);
    }

    /** With this certificate. */
    static Answer call(int port, Pem pem, String... headers) {
        return over(port, new KeyManager[] {TlsIdentity.client(pem).keys()}, headers);
    }

    /** The certificate that the other end shows; empty = no connection. */
    static Optional<X509Certificate> shown(int port, Pem pem) {
        try (SSLSocket socket =
                socket(port, new KeyManager[] {TlsIdentity.client(pem).keys()})) {
            socket.startHandshake();
            return Optional.of((X509Certificate) socket.getSession().getPeerCertificates()[0]);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Answer over(int port, KeyManager[] keys, String... headers) {
        try (SSLSocket socket = socket(port, keys)) {
            return exchange(socket, headers);
        } catch (IOException e) {
            return new Answer(0, e.toString());
        }
    }

    private static SSLSocket socket(int port, KeyManager[] keys) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new Credulous()}, null);
            return (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer exchange(Socket socket, String... headers) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        String body = "{\"model\":\"m\"}";
        String request = "POST /v1/chat/completions HTTP/1.1\r\nhost: side\r\nconnection: close\r\nx-request-id: s\r\n"
                + "content-type: application/json\r\ncontent-length: " + body.length() + "\r\n"
                + String.join("\r\n", headers) + "\r\n\r\n" + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return answer.startsWith("HTTP/1.1 ")
                ? new Answer(Integer.parseInt(answer.substring(9, 12)), answer)
                : new Answer(0, answer);
    }

    private static final class Credulous extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
