package dev.weir.control.certs;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.xds.peer.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * One member's folder: {@code tls.crt}, {@code tls.key} and {@code ca.crt}, named as Kubernetes names them, for whoever reads
 * PEM; {@code identity.yaml} and {@code authorities.yaml} with the same in them for an Envoy, which reads them again when they
 * are replaced. Each file is replaced as a whole, and only its owner can read it.
 */
public final class CertificateFolder {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    private final Path folder;

    public CertificateFolder(Path folder) {
        this.folder = folder;
    }

    /** Writes or replaces all of it. */
    public void write(Pem pem) throws IOException {
        Files.createDirectories(folder);
        replace("ca.crt", pem.authorities());
        replace("tls.key", pem.key());
        replace("tls.crt", pem.certificate());
        ObjectNode identity = secret("identity");
        ObjectNode certificate = identity.putObject("tls_certificate");
        certificate.putObject("certificate_chain").put("inline_string", pem.certificate());
        certificate.putObject("private_key").put("inline_string", pem.key());
        replace("identity.yaml", resource(identity));
        ObjectNode authorities = secret("authorities");
        authorities.putObject("validation_context").putObject("trusted_ca").put("inline_string", pem.authorities());
        replace("authorities.yaml", resource(authorities));
    }

    /** Replaces a file of the folder, as a whole or not at all. */
    void replace(String name, String text) throws IOException {
        Path temporary = Files.createTempFile(
                folder,
                "." + name,
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, text);
        Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static ObjectNode secret(String name) {
        return JSON.createObjectNode().put("@type", SECRET).put("name", name);
    }

    /** The text of a certificate's file for Envoy, as JSON, which is YAML too. */
    private static String resource(ObjectNode secret) {
        ObjectNode file = JSON.createObjectNode();
        file.putArray("resources").add(secret);
        return file.toPrettyString();
    }
}
