package dev.weir.control.envoy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority of its own and servers with its certificates, made with the JDK's {@code keytool}. */
final class Certificates {
    private static final String PASSWORD = "password";

    private final Path store;
    private final Path authorities;

    Certificates(Path directory) {
        store = directory.resolve("keys.p12");
        authorities = directory.resolve("ca.pem");
        generate("ca", "bc:c");
        try {
            Files.writeString(
                    authorities, text("CERTIFICATE", keys().getCertificate("ca").getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** PEM file. */
    Path authorities() {
        return authorities;
    }

    /**
     * A server with a certificate of this authority.
     *
     * @param san for whom, as keytool takes it, for instance {@code dns:a.test}
     */
    HttpsServer server(String alias, String san) {
        generate(alias, "san=" + san, "-signer", "ca");
        try {
            KeyStore all = keys();
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry(
                    alias,
                    all.getKey(alias, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    all.getCertificateChain(alias));
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(own, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Certificates and key of a server as two PEM files, named after it. */
    record Pem(Path chain, Path key) {}

    /** As {@link #server}, for servers that are not the JDK's. */
    Pem pem(String alias, String san) {
        generate(alias, "san=" + san, "-signer", "ca");
        try {
            KeyStore all = keys();
            StringBuilder chain = new StringBuilder();
            for (Certificate certificate : all.getCertificateChain(alias)) {
                chain.append(text("CERTIFICATE", certificate.getEncoded()));
            }
            byte[] key = all.getKey(alias, PASSWORD.toCharArray()).getEncoded();
            return new Pem(
                    Files.writeString(store.resolveSibling(alias + ".pem"), chain),
                    Files.writeString(store.resolveSibling(alias + ".key"), text("PRIVATE KEY", key)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what + "-----\n";
    }

    private KeyStore keys() throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            return keys;
        }
    }

    private void generate(String alias, String extension, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + alias,
                "-validity",
                "2",
                "-ext",
                extension,
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(more));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
