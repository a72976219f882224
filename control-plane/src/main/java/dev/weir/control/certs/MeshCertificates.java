package dev.weir.control.certs;

import dev.weir.control.certs.Authority.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder with an authority ({@code ca.crt}, {@code ca.key}) and one folder per member of the mesh. An authority that is there
 * is used again, so that members can be added and renewed.
 */
public final class MeshCertificates {
    /** The name that sidecars and collectors look for in the control plane's certificate. */
    public static final String CONTROL_PLANE = "weir-control-plane";

    private final Path folder;
    private final String mesh;
    private final Instant now;
    private final Duration life;
    private final Authority authority;

    /**
     * Makes the folder and the authority unless they are there.
     *
     * @param mesh trust domain of the identities
     * @param life of the members' certificates
     * @throws IOException also when there is half an authority or none that can be read
     */
    public MeshCertificates(Path folder, String mesh, Instant now, Duration life) throws IOException {
        this.folder = folder.toAbsolutePath();
        this.mesh = mesh;
        this.now = now;
        this.life = life;
        Files.createDirectories(folder);
        Path certificate = folder.resolve("ca.crt");
        Path key = folder.resolve("ca.key");
        if (Files.exists(certificate) || Files.exists(key)) {
            try {
                authority = Authority.of(Files.readString(certificate), Files.readString(key));
            } catch (IllegalArgumentException e) {
                throw new IOException(certificate + ", " + key + ": " + e.getMessage(), e);
            }
        } else {
            authority = Authority.create(mesh + " development authority", now);
            CertificateFolder own = new CertificateFolder(folder);
            own.replace("ca.crt", authority.certificate());
            own.replace("ca.key", authority.key());
        }
    }

    /** Makes the certificate for the control plane, by the names and addresses that others call it by; and loopback. */
    public Path controlPlane(List<String> dns, List<String> addresses) throws IOException {
        List<String> names = new ArrayList<>(List.of(CONTROL_PLANE, "localhost"));
        names.addAll(dns);
        List<String> literals = new ArrayList<>(List.of("127.0.0.1", "::1"));
        literals.addAll(addresses);
        return write("control-plane", new Names(List.of(), names, literals));
    }

    /** Makes the certificate for a consumer's sidecar and its collector; returns its folder. */
    public Path consumer(String id) throws IOException {
        return write(id, Names.spiffe(consumerIdentity(id)));
    }

    /** Makes the certificate for a provider's side; returns its folder. */
    public Path side(String id) throws IOException {
        return write(id, Names.spiffe(sideIdentity(id)));
    }

    /** A member's folder, the control plane's or a node's. */
    public Path folder(String member) {
        return folder.resolve(member);
    }

    /** The identity of a consumer. */
    public String consumerIdentity(String id) {
        return "spiffe://" + mesh + "/consumer/" + id;
    }

    /** The identity of a side. */
    public String sideIdentity(String id) {
        return "spiffe://" + mesh + "/side/" + id;
    }

    private Path write(String id, Names names) throws IOException {
        Path own = folder(id);
        new CertificateFolder(own).write(authority.issue(names, now, life));
        return own;
    }
}
