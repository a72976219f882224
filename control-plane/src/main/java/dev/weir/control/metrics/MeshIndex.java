package dev.weir.control.metrics;

import dev.weir.control.model.Image;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.xds.wire.ClusterName;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One image, by name. The maps are made when the first reader asks: most images are never read. */
final class MeshIndex {
    final Image image;
    private @Nullable Map<String, PoolProposal> pools;
    private @Nullable Map<String, ProviderState> providers;
    private @Nullable Map<String, Integer> weights;

    MeshIndex(Image image) {
        this.image = image;
    }

    synchronized @Nullable PoolProposal pool(String id) {
        Map<String, PoolProposal> map = pools;
        if (map == null) {
            map = new HashMap<>();
            for (PoolProposal pool : image.proposal().pools()) {
                map.put(pool.id(), pool);
            }
            pools = map;
        }
        return map.get(id);
    }

    synchronized @Nullable ProviderState provider(String id) {
        Map<String, ProviderState> map = providers;
        if (map == null) {
            map = new HashMap<>();
            for (ProviderState provider : image.proposal().providers()) {
                map.put(provider.id(), provider);
            }
            providers = map;
        }
        return map.get(id);
    }

    /** The weight in force, 0 where there is none. */
    synchronized int weight(String pool, String provider) {
        Map<String, Integer> map = weights;
        if (map == null) {
            map = new HashMap<>();
            if (image.decision().isPresent()) {
                for (PoolProposal decided : image.decision().get().proposal().pools()) {
                    for (Member member : decided.members()) {
                        map.put(ClusterName.of(decided.id(), member.provider()), member.weight());
                    }
                }
            }
            weights = map;
        }
        return map.getOrDefault(ClusterName.of(pool, provider), 0);
    }
}
