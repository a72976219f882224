package dev.weir.control.config;

import dev.weir.control.chain.Account;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Provider.Capacity;
import dev.weir.control.model.Provider.Credentials;
import dev.weir.control.model.Provider.Tls;
import dev.weir.control.model.ProviderProxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads kind {@code Provider}. */
final class ProviderReader {
    /** A system's whole bundle is about 220 KiB. */
    private static final long LARGEST_AUTHORITIES = 1 << 20;

    /** A call in eleven days; the core takes less for nothing. */
    private static final double MIN_RATE = 1e-6;

    private static final Logger log = LoggerFactory.getLogger(ProviderReader.class);
    private static final Pattern USER_INFO = Pattern.compile("//[^/@]*@");

    private final Secrets secrets;

    ProviderReader(Secrets secrets) {
        this.secrets = secrets;
    }

    Provider read(String name, Fields spec) {
        Optional<Fields> endpoint = spec.object("endpoint");
        if (!spec.has("endpoint")) {
            spec.missing("endpoint", "an object with host and port");
        }
        String host = endpoint.flatMap(e -> host(e, "endpoint")).orElse("");
        long port = endpoint.flatMap(ProviderReader::port).orElse(0L);
        Optional<Tls> tls = endpoint.flatMap(e -> e.object("tls")).map(t -> tls(t, host));
        endpoint.ifPresent(Fields::end);
        Optional<Credentials> credentials = spec.object("credentials").flatMap(this::credentials);
        Optional<Capacity> capacity = spec.object("capacity").map(ProviderReader::capacity);
        Optional<ProviderProxy> side = side(spec);
        side.filter(s -> s.host().equals(host) && s.port() == port)
                .ifPresent(s -> spec.refuse(
                        "sidecar",
                        Optional.of(s.host() + ":" + s.port()),
                        "another address than endpoint: it would call itself"));
        Provider.Usage usage =
                spec.text("usage", "asked or never", ProviderReader::usage).orElse(Provider.Usage.ASKED);
        Optional<Provider.OnChain> chain = spec.object("chain").flatMap(ProviderReader::chain);
        spec.end();
        return new Provider(
                name, new Provider.Endpoint(host, (int) port, tls), credentials, capacity, side, usage, chain);
    }

    private static Optional<Provider.OnChain> chain(Fields chain) {
        if (!chain.has("owner")) {
            chain.missing("owner", Account.EXPECTED);
        }
        Optional<String> owner = chain.text("owner", Account.EXPECTED, Account::parse);
        chain.end();
        return owner.map(Provider.OnChain::new);
    }

    private static Optional<Provider.Usage> usage(String word) {
        return switch (word) {
            case "asked" -> Optional.of(Provider.Usage.ASKED);
            case "never" -> Optional.of(Provider.Usage.NEVER);
            default -> Optional.empty();
        };
    }

    private static Optional<ProviderProxy> side(Fields spec) {
        Optional<Fields> sidecar = spec.object("sidecar");
        Optional<String> host = sidecar.flatMap(s -> host(s, "sidecar"));
        Optional<Long> port = sidecar.flatMap(ProviderReader::port);
        Optional<String> identity =
                sidecar.flatMap(s -> s.text("identity", AccessReader.IDENTITY, AccessReader::identity));
        boolean insecure = sidecar.flatMap(s -> s.flag("insecure")).orElse(false);
        sidecar.ifPresent(Fields::end);
        if (insecure && host.isPresent()) {
            log.warn(
                    "spec.sidecar.insecure: whoever reaches {}:{} spends the provider's key, and what agents say and are told"
                            + " passes in plain text",
                    host.get(),
                    port.orElse(0L));
        }
        Optional<Fields> bounce = spec.object("bounce");
        if (spec.has("bounce") && !spec.has("sidecar")) {
            spec.refuse("bounce", Optional.of("{...}"), "only with sidecar: nobody else can refuse an attempt");
        }
        double margin = bounce.flatMap(b -> b.number(
                        "margin", 0, 10, "a number from 0 to 10: how far above the pool's queues its own may be"))
                .orElse(0.5);
        Duration maxWait = bounce.flatMap(b -> b.duration("maxWait", Duration.ofMillis(10), Duration.ofMinutes(10)))
                .orElse(Duration.ofSeconds(2));
        bounce.ifPresent(Fields::end);
        return sidecar.map(s ->
                new ProviderProxy(host.orElse(""), port.orElse(0L).intValue(), margin, maxWait, identity, insecure));
    }

    private static Optional<String> host(Fields endpoint, String field) {
        if (!endpoint.has("host")) {
            endpoint.missing("host", "a DNS name or an IP address");
        }
        return endpoint.text("host").flatMap(text -> {
            Optional<String> host = HostText.host(text);
            if (host.isEmpty()) {
                String shown = USER_INFO.matcher(text).replaceAll("//***@");
                endpoint.refuse("host", Optional.of(shown), expectedHost(text, field));
            }
            return host;
        });
    }

    private static String expectedHost(String text, String field) {
        String rest = text.contains("://") ? text.substring(text.indexOf("://") + 3) : text;
        if (rest.contains("/") && rest.indexOf('/') < rest.length() - 1) {
            return "a host alone; a base path is refused, because a request that is tried again on another provider keeps"
                    + " its path: agents put it into their base URL";
        }
        return text.contains("://")
                ? "a host alone, without a scheme" + (field.equals("endpoint") ? "; TLS is endpoint.tls" : "")
                : "a DNS name or an IP address; the port is " + field + ".port";
    }

    private static Optional<Long> port(Fields endpoint) {
        if (!endpoint.has("port")) {
            endpoint.missing("port", "a whole number from 1 to 65535");
        }
        return endpoint.integer("port", 1, 65535);
    }

    private Tls tls(Fields tls, String host) {
        Optional<String> serverName = tls.text("serverName", "a DNS name or an IP address", HostText::host);
        Optional<String> authorities = tls.text("caFile").flatMap(file -> {
            Optional<String> pem = secrets.contents(tls, "caFile", file, LARGEST_AUTHORITIES);
            pem.flatMap(CertificateText::problem)
                    .ifPresent(problem ->
                            tls.refuse("caFile", Optional.of(file), "a PEM file with certificates alone; " + problem));
            pem.stream()
                    .flatMap(text -> CertificateText.outOfDate(text, Instant.now()).stream())
                    .forEach(warning -> log.warn("{}: {}; handshakes that need it will fail", file, warning));
            return pem;
        });
        tls.end();
        return new Tls(serverName.orElse(host), authorities);
    }

    private Optional<Credentials> credentials(Fields fields) {
        String header = fields.text("header", HeaderText.NAME, HeaderText::name).orElse("authorization");
        String prefix = fields.text("prefix").orElse("");
        Optional<String> value = Optional.empty();
        String field = fields.has("value") ? "value" : "valueFrom";
        if (fields.has("value") == fields.has("valueFrom")) {
            fields.missing("value", "exactly one of value and valueFrom");
        } else {
            value = fields.has("value")
                    ? fields.text("value")
                    : fields.object("valueFrom").flatMap(secrets::read);
        }
        Optional<String> whole = value.map(text -> prefix + text);
        if (whole.isPresent() && !HeaderText.value(whole.get())) {
            fields.refuse(field, Optional.of("***"), "a header value: visible ASCII, at most 8 KiB, on one line");
        }
        fields.end();
        return whole.map(text -> new Credentials(header, text));
    }

    private static Capacity capacity(Fields fields) {
        Optional<Double> rate = fields.number(
                "workUnitsPerSecond",
                MIN_RATE,
                1e9,
                "a number from 1e-6 to 1e9: work units that it finishes in a second, which is slots / seconds per call where a"
                        + " call is one; left out: learnt");
        Optional<Long> slots = fields.integer("slots", 1, 1_000_000);
        fields.end();
        return new Capacity(rate.orElse(0.0), slots.orElse(0L).intValue());
    }
}
