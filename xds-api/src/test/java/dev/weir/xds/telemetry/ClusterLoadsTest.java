package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterStats;
import io.envoyproxy.envoy.config.endpoint.v3.UpstreamLocalityStats;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClusterLoadsTest {
    private final List<String> rejections = new ArrayList<>();
    private final ClusterLoads loads = new ClusterLoads(name -> name.startsWith("chat|"));

    private List<ClusterLoad> read(ClusterStats.Builder... clusters) {
        List<ClusterStats> stats = new ArrayList<>();
        for (ClusterStats.Builder cluster : clusters) {
            stats.add(cluster.build());
        }
        return loads.read(stats, (kind, message) -> rejections.add(kind + " " + message));
    }

    private static ClusterStats.Builder cluster(String name) {
        ClusterStats.Builder stats = ClusterStats.newBuilder().setClusterName(name);
        stats.getLoadReportIntervalBuilder().setNanos(250_000_000);
        return stats;
    }

    private static UpstreamLocalityStats.Builder locality(long inFlight, long issued, long succeeded, long failed) {
        return UpstreamLocalityStats.newBuilder()
                .setTotalRequestsInProgress(inFlight)
                .setTotalIssuedRequests(issued)
                .setTotalSuccessfulRequests(succeeded)
                .setTotalErrorRequests(failed);
    }

    @Test
    void localities_add_up_and_none_is_zero() {
        ClusterStats.Builder busy = cluster("chat|a")
                .addUpstreamLocalityStats(locality(3, 10, 6, 1))
                .addUpstreamLocalityStats(locality(1, 2, 1, 0));
        assertThat(read(busy, cluster("chat|b")))
                .containsExactly(
                        new ClusterLoad("chat|a", 4, 12, 7, 1, 250_000_000),
                        new ClusterLoad("chat|b", 0, 0, 0, 0, 250_000_000));
        assertThat(rejections).isEmpty();
    }

    @Test
    void a_sidecars_own_clusters_are_left_out_without_a_word() {
        assertThat(read(cluster("xds"), cluster("als"), cluster(""))).isEmpty();
        assertThat(rejections).isEmpty();
    }

    @Test
    void clusters_that_there_are_not_are_told_once_per_report() {
        assertThat(read(cluster("other|a"), cluster("other|" + "x".repeat(500)), cluster("chat|a")))
                .hasSize(1);
        assertThat(rejections).containsExactly("unknown_cluster cluster \"other|a\": (expected: a published cluster)");
    }

    @Test
    void a_gauge_is_not_taken_twice() {
        assertThat(read(
                        cluster("chat|a").addUpstreamLocalityStats(locality(3, 0, 0, 0)),
                        cluster("chat|a").addUpstreamLocalityStats(locality(4, 0, 0, 0))))
                .singleElement()
                .satisfies(load -> assertThat(load.inFlight()).isEqualTo(3));
        assertThat(rejections).singleElement().asString().startsWith("repeated_cluster");
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 0, 0, 1, 0",
        "0, -1, 0, 0, 1, 0",
        "0, 0, 9223372036854775807, 0, 1, 0",
        "0, 0, 0, 1000000001, 1, 0",
        "0, 0, 0, 0, 0, 0",
        "0, 0, 0, 0, -1, 0",
        "0, 0, 0, 0, 0, -5",
        "0, 0, 0, 0, 3601, 0",
        "0, 0, 0, 0, 9223372036854775807, 0"
    })
    void what_cannot_be_is_left_out(long inFlight, long issued, long ok, long failed, long seconds, int nanos) {
        ClusterStats.Builder bad = cluster("chat|a").addUpstreamLocalityStats(locality(inFlight, issued, ok, failed));
        bad.getLoadReportIntervalBuilder().setSeconds(seconds).setNanos(nanos);
        assertThat(read(bad, cluster("chat|b")))
                .extracting(ClusterLoad::cluster)
                .containsExactly("chat|b");
        assertThat(rejections).singleElement().asString().startsWith("load_range cluster \"chat|a\"");
    }

    @Test
    void sums_of_many_localities_stay_in_range() {
        ClusterStats.Builder bad = cluster("chat|a");
        for (int i = 0; i < 3; i++) {
            bad.addUpstreamLocalityStats(locality(900_000_000, 0, 0, 0));
        }
        assertThat(read(bad)).isEmpty();
        assertThat(rejections).hasSize(1);
    }
}
