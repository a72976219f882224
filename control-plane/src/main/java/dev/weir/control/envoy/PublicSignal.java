package dev.weir.control.envoy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Pool;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The documents that every sidecar serves itself: prices, congestion and headroom before a request is sent, and the models. */
final class PublicSignal {
    private static final JsonMapper JSON = new JsonMapper();

    private PublicSignal() {}

    /**
     * {@code GET /.well-known/weir}. Prices in atomic units per 1 000 work units; congestion 0-100; headroom in work units per
     * second: what the pool's working providers can take before they are fully used.
     */
    static String of(Config config, Decision decision) {
        ObjectNode root = JSON.createObjectNode();
        root.put("mesh", config.mesh().name());
        root.put("epoch", decision.epoch().toString());
        root.put("atMillis", decision.atMillis());
        ArrayNode pools = root.putArray("pools");
        for (PoolProposal pool : decision.proposal().pools()) {
            Pool configured = config.pools().get(pool.id());
            if (configured == null) {
                continue;
            }
            ObjectNode out = pools.addObject();
            out.put("pool", pool.id());
            if (configured.match() instanceof Pool.Match.Model model) {
                names(model, out);
            } else if (configured.match() instanceof Pool.Match.PathPrefix path) {
                out.put("pathPrefix", path.prefix());
            } else if (configured.match() instanceof Pool.Match.Header header) {
                out.put("header", header.name());
            }
            out.put("price", pool.price());
            out.put("priceEpoch", pool.priceNumber());
            out.put("congestion", pool.congestion());
            out.put("headroom", headroom(pool, decision.proposal()));
            ArrayNode members = out.putArray("providers");
            for (Proposal.Member member : pool.members()) {
                members.addObject().put("provider", member.provider()).put("price", member.price());
            }
        }
        return root.toString();
    }

    private static void names(Pool.Match.Model model, ObjectNode out) {
        List<String> names = model.names();
        if (names.size() == 1 && model.whole().equals(names)) {
            out.put("model", names.get(0));
        } else {
            ArrayNode all = out.putArray("models");
            names.forEach(all::add);
            model.aliases().keySet().forEach(all::add);
        }
    }

    /** A model in the shape of OpenAI's; the name comes first. */
    static String model(Config config, String name) {
        return JSON.createObjectNode()
                .put("id", name)
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", config.mesh().name())
                .toString();
    }

    /** The models of the pools that have whole names, by name, in the shape of OpenAI's model. */
    static Map<String, String> knownModels(Config config) {
        Map<String, String> known = new LinkedHashMap<>();
        for (Pool pool : config.pools().values()) {
            if (pool.match() instanceof Pool.Match.Model model) {
                model.whole().forEach(name -> known.put(name, model(config, name)));
            }
        }
        return known;
    }

    /** {@code GET /v1/models}, in the shape of OpenAI's list. */
    static String models(Map<String, String> known) {
        return "{\"object\":\"list\",\"data\":[" + String.join(",", known.values()) + "]}";
    }

    /** {@code text} as a JSON string. */
    static String quoted(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }

    private static double headroom(PoolProposal pool, Proposal proposal) {
        double capacity = 0;
        for (Proposal.Member member : pool.members()) {
            ProviderState provider = proposal.provider(member.provider()).orElse(null);
            if (provider != null && provider.status().takesTraffic() && provider.status() != Status.STALLED) {
                capacity += provider.trustedCapacity();
            }
        }
        double free = capacity * Math.max(0, 1 - pool.utilisation());
        return Double.isFinite(free) ? Math.round(free * 1000) / 1000.0 : 0;
    }
}
