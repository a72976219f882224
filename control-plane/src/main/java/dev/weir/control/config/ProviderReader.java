package dev.weir.control.config;

import dev.weir.control.chain.Account;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Provider.Capacity;
import dev.weir.control.model.Provider.Credentials;
import dev.weir.control.model.ProviderProxy;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads kind {@code Provider}. */
final class ProviderReader {
    /** A call in eleven days; the core takes less for nothing. */
    private static final double MIN_RATE = 1e-6;

    private static final Logger log = LoggerFactory.getLogger(ProviderReader.class);

    private final Secrets secrets;

    ProviderReader(Secrets secrets) {
        this.secrets = secrets;
    }

    Provider read(String name, Fields spec) {
        Provider.Endpoint endpoint = new EndpointReader(secrets).read(spec);
        Optional<Credentials> credentials = spec.object("credentials").flatMap(this::credentials);
        Optional<Capacity> capacity = spec.object("capacity").map(ProviderReader::capacity);
        Optional<ProviderProxy> side = side(spec);
        side.filter(s -> s.host().equals(endpoint.host()) && s.port() == endpoint.port())
                .ifPresent(s -> spec.refuse(
                        "sidecar",
                        Optional.of(s.host() + ":" + s.port()),
                        "another address than endpoint: it would call itself"));
        Provider.Usage usage =
                spec.text("usage", "asked or never", ProviderReader::usage).orElse(Provider.Usage.ASKED);
        Optional<Provider.OnChain> chain = spec.object("chain").flatMap(ProviderReader::chain);
        boolean drain = spec.flag("drain").orElse(false);
        spec.end();
        return new Provider(name, endpoint, credentials, capacity, side, usage, chain, drain);
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
        Optional<String> host = sidecar.flatMap(s -> EndpointReader.host(s, "sidecar"));
        Optional<Long> port = sidecar.flatMap(EndpointReader::port);
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
