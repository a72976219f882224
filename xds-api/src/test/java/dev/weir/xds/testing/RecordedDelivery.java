package dev.weir.xds.testing;

import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps everything that it is told, as lines of words. */
public final class RecordedDelivery implements DeliveryListener {
    private final List<String> events = new CopyOnWriteArrayList<>();

    @Override
    public void connected(String node, SidecarProfile profile) {
        events.add("connected " + node + " " + profile.listenPort());
    }

    @Override
    public void disconnected(String node) {
        events.add("disconnected " + node);
    }

    @Override
    public void acknowledged(String node, String typeUrl, long latencyNanos) {
        if (latencyNanos < 0) {
            throw new IllegalArgumentException("latencyNanos: " + latencyNanos);
        }
        events.add("acknowledged " + node + " " + simple(typeUrl));
    }

    @Override
    public void refused(String node, String typeUrl, String message) {
        events.add("refused " + node + " " + simple(typeUrl) + " " + message);
    }

    @Override
    public void rejected(String node, String kind, String message) {
        events.add("rejected " + node + " " + kind + " " + message);
    }

    public List<String> events() {
        return List.copyOf(events);
    }

    public List<String> events(String prefix) {
        return events.stream().filter(event -> event.startsWith(prefix)).toList();
    }

    private static String simple(String typeUrl) {
        return typeUrl.substring(typeUrl.lastIndexOf('.') + 1);
    }
}
