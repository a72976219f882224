package dev.weir.control.loop;

import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Hosts;
import dev.weir.control.model.Image;
import dev.weir.control.model.Provider;
import dev.weir.control.threads.OneThread;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of providers. A name server that does not answer takes nobody away: a host keeps its last addresses; a provider
 * that an earlier process gave traffic stays although this one has not found it yet, as sidecars know where it is; and a
 * provider that moved stays where it was until its new host has an address.
 *
 * <p>Belongs to the loop's thread: on any other its methods throw {@link IllegalStateException}.
 */
final class Locations {
    private static final Logger log = LoggerFactory.getLogger(Locations.class);

    private final OneThread thread;
    private final Map<String, List<String>> byHost = new HashMap<>();
    /** Providers that had traffic when this process began. */
    private final Set<String> inherited = new HashSet<>();

    private Set<String> waiting = Set.of();
    private boolean complete;

    Locations(OneThread thread, Optional<Decision> restored) {
        this.thread = thread;
        restored.ifPresent(decision -> decision.proposal().providers().stream()
                .filter(provider -> provider.status() != Status.ABSENT)
                .map(ProviderState::id)
                .forEach(inherited::add));
    }

    void resolved(Event.Resolved event) {
        thread.check();
        byHost.putAll(event.addresses());
        complete |= event.complete();
    }

    /** Whether every host was asked for, or waited for long enough. */
    boolean complete() {
        thread.check();
        return complete;
    }

    /**
     * What can be put in force of a configuration.
     *
     * @param before what is in force
     */
    Config settled(Config wanted, Config before) {
        thread.check();
        Map<String, Provider> providers = new TreeMap<>(wanted.providers());
        Set<String> stay = new TreeSet<>();
        providers.replaceAll((name, provider) -> {
            Provider former = before.providers().get(name);
            if (former == null || found(provider) || Hosts.of(former).equals(Hosts.of(provider))) {
                return provider;
            }
            if (!found(former) && !inherited.contains(name)) {
                return provider;
            }
            stay.add(name);
            return former;
        });
        if (!stay.equals(waiting)) {
            waiting = stay;
            stay.forEach(name -> log.warn("provider {}: moves when its new host has an address", name));
        }
        return new Config(wanted.mesh(), providers, wanted.pools());
    }

    /** Forgets the hosts that neither of these needs. */
    void retain(Config wanted, Config inForce) {
        thread.check();
        inherited.retainAll(wanted.providers().keySet());
        Set<String> used = new HashSet<>(Hosts.of(wanted).values());
        used.addAll(Hosts.of(inForce).values());
        byHost.keySet().retainAll(used);
    }

    /** Where providers are, as {@link Image#addresses}. */
    Map<String, List<String>> of(Config config) {
        thread.check();
        Map<String, List<String>> located = new HashMap<>();
        config.providers()
                .forEach((name, provider) -> Hosts.of(provider).forEach((key, host) -> {
                    List<String> found = byHost.get(host);
                    if (found != null || inherited.contains(name)) {
                        located.put(key, found == null ? List.of() : found);
                    }
                }));
        return located;
    }

    private boolean found(Provider provider) {
        return byHost.keySet().containsAll(Hosts.of(provider).values());
    }
}
