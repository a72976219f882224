package dev.weir.control.config;

import dev.weir.control.model.Access;
import dev.weir.control.model.Consumers;
import dev.weir.xds.peer.BearerToken;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.TlsIdentity;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads who may connect to a port: {@code tls}, {@code insecure} and {@code tokens} beside its {@code listen}. */
final class AccessReader {
    static final String IDENTITY = "a SPIFFE id, for instance spiffe://mesh/side/egress-1, or a DNS name";

    private static final Pattern SPIFFE =
            Pattern.compile("spiffe://(?=.{1,2000}$)[a-z0-9._-]{1,253}(/[A-Za-z0-9._-]+)+");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");
    private static final long LARGEST = 1 << 20;
    private static final int TOKENS = 1_000;
    private static final int CONSUMERS = 10_000;

    private final Secrets secrets;

    AccessReader(Secrets secrets) {
        this.secrets = secrets;
    }

    /** Reads the access to the port for sidecars. */
    Access sidecars(Fields xds, InetSocketAddress listen) {
        boolean insecure = xds.flag("insecure").orElse(false);
        List<Access.Token> tokens = tokens(xds, "identity", IDENTITY, AccessReader::identity);
        Optional<Fields> tls = xds.object("tls");
        Optional<Access.Tls> read = tls.flatMap(this::tls);
        tls.filter(t -> tokens.isEmpty() && !t.has("clientCaFile"))
                .ifPresent(t -> t.missing(
                        "clientCaFile",
                        "a PEM file of the authorities of sidecars' certificates, or tokens beside tls"));
        if (tls.isEmpty() && !insecure && !listen.getAddress().isLoopbackAddress()) {
            xds.missing(
                    "tls",
                    "an object with certFile, keyFile and clientCaFile, because " + listen.getHostString()
                            + " can be reached from elsewhere; or insecure: true, which lets anybody there read providers'"
                            + " keys and write records");
        }
        if (tls.isEmpty() && !tokens.isEmpty()) {
            xds.refuse("tokens", Optional.of("***"), "only with tls: in plain text anybody could read them");
        }
        if (tls.isPresent() && insecure) {
            xds.refuse("insecure", Optional.of("true"), "nothing, because there is tls");
        }
        return new Access(read, insecure, tokens);
    }

    /** Reads the access to the admin port. */
    Access admin(Fields admin, InetSocketAddress listen) {
        List<Access.Token> tokens = tokens(admin, "role", "read", AccessReader::role);
        Optional<Fields> tls = admin.object("tls");
        Optional<Access.Tls> read = tls.flatMap(this::tls);
        if (!listen.getAddress().isLoopbackAddress()) {
            String why = ", because " + listen.getHostString() + " can be reached from elsewhere";
            if (tls.isEmpty()) {
                admin.missing("tls", "an object with certFile and keyFile" + why);
            }
            if (tokens.isEmpty() && !admin.has("tokens")) {
                admin.missing("tokens", "a list of at least one {role: read, valueFrom: {file|env}}" + why);
            }
        }
        return new Access(read, false, tokens);
    }

    private static Optional<String> role(String text) {
        return text.equals(Access.READ) ? Optional.of(text) : Optional.empty();
    }

    /** Reads {@code consumers} of a mesh. */
    static Consumers consumers(Fields spec) {
        List<String> names = spec.words("consumers", 1, CONSUMERS);
        Set<String> good = new TreeSet<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            String whole = name.endsWith("/*") ? name.substring(0, name.length() - 1) + "any" : name;
            Optional<String> identity = identity(whole);
            if (identity.isEmpty() || (!whole.equals(name) && !whole.startsWith("spiffe://"))) {
                spec.refuse(
                        "consumers[" + i + "]",
                        Optional.of(name),
                        IDENTITY + ", or a SPIFFE id that ends with /* and stands for all below it");
            } else {
                good.add(whole.equals(name) ? identity.get() : name);
            }
        }
        return new Consumers(good);
    }

    /** Reads a name that certificates can bear. */
    static Optional<String> identity(String text) {
        if (SPIFFE.matcher(text).matches()) {
            return Optional.of(text);
        }
        return ADDRESS.matcher(text).matches() ? Optional.empty() : HostText.host(text);
    }

    private Optional<Access.Tls> tls(Fields tls) {
        Optional<String> certificate = file(tls, "certFile", "a PEM file of the port's own certificate");
        Optional<String> key = file(tls, "keyFile", "a PEM file of its private key, PKCS #8");
        Optional<String> authorities = tls.has("clientCaFile") ? file(tls, "clientCaFile", "") : Optional.of("");
        tls.end();
        if (certificate.isEmpty() || key.isEmpty() || authorities.isEmpty()) {
            return Optional.empty();
        }
        String problem = TlsIdentity.problem(new Pem(certificate.get(), key.get(), authorities.get()));
        if (!problem.isEmpty()) {
            tls.refuse("", Optional.of("{...}"), "a certificate, its key and authorities that fit; " + problem);
        }
        return Optional.of(new Access.Tls(certificate.get(), key.get(), authorities.get()));
    }

    private Optional<String> file(Fields tls, String field, String expected) {
        if (!tls.has(field)) {
            tls.missing(field, expected);
        }
        return tls.text(field).flatMap(name -> secrets.contents(tls, field, name, LARGEST));
    }

    private List<Access.Token> tokens(
            Fields port, String bearer, String expected, Function<String, Optional<String>> reader) {
        List<Access.Token> tokens = new ArrayList<>();
        for (Fields each : port.objects("tokens", 1, TOKENS)) {
            if (!each.has(bearer)) {
                each.missing(bearer, expected);
            }
            Optional<String> who = each.text(bearer, expected, reader);
            if (!each.has("valueFrom")) {
                each.missing("valueFrom", "env or file; a token does not stand in the configuration itself");
            }
            Optional<String> value = each.object("valueFrom").flatMap(secrets::read);
            if (value.isPresent() && !BearerToken.valid(value.get())) {
                each.refuse("valueFrom", Optional.of("***"), "16 to 4096 visible ASCII characters on one line");
            }
            each.end();
            if (who.isPresent() && value.isPresent()) {
                tokens.add(new Access.Token(who.get(), value.get()));
            }
        }
        return tokens;
    }
}
