package dev.weir.control.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.control.envoy.Meshes;
import dev.weir.control.loop.Inbox;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Block;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Publisher;
import dev.weir.control.pick.CheckQueue;
import dev.weir.control.pick.PickListener;
import dev.weir.control.pick.PickState;
import dev.weir.control.pick.Picker;
import dev.weir.control.quota.QuotaState;
import dev.weir.control.testing.Configs;
import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Cause;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Release;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.quota.QuotaUnit;
import dev.weir.weights.quota.RefusalKind;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.FileRecords;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.testing.RecordMaker;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class MetricsPublisherTest {
    private final PrometheusMeterRegistry registry = MetricsRegistry.create();
    private final Latencies latencies = new Latencies(() -> 0);
    private final MetricsPublisher metrics = new MetricsPublisher(registry, latencies, () -> 100_000);
    private final DeliveryMetrics delivery = new DeliveryMetrics(registry);
    private final TelemetryMetrics telemetry = new TelemetryMetrics(registry, "p|a"::equals);
    private long tick;

    @Test
    void the_mesh_is_shown_with_the_weights_in_force() {
        latencies.records(List.of(attempt("a", 20_000)));
        metrics.publish(image(Optional.of(decision(3, "a", "b")), "a", "b"), true);

        assertThat(registry.scrape())
                .contains(
                        "weir_pool_demand_units_per_second{pool=\"m\"} 90.5",
                        "weir_pool_utilisation_ratio{pool=\"m\"} 0.5",
                        "weir_pool_congestion{pool=\"m\"} 50.0",
                        "weir_pool_price{pool=\"m\"} 123.0",
                        "weir_weight_ratio{pool=\"m\",provider=\"a\"} 0.5",
                        "weir_provider_backlog_units{provider=\"a\"} -3.5",
                        "weir_provider_in_flight{provider=\"a\"} 4.0",
                        "weir_provider_capacity_trusted_units_per_second{provider=\"b\"} 99.0",
                        "weir_provider_status{provider=\"a\",status=\"active\"} 1.0",
                        "weir_provider_status{provider=\"a\",status=\"stalled\"} 0.0",
                        "weir_provider_latency_seconds{provider=\"a\",quantile=\"0.5\"} 0.02",
                        "weir_provider_latency_seconds{provider=\"b\",quantile=\"0.5\"} NaN",
                        "weir_epoch_sequence 3.0",
                        "weir_decision_age_seconds 90.0",
                        "weir_declarations_head 77.0",
                        "weir_declarations_age_seconds 5.0",
                        "weir_declarations_problem 0.0");
    }

    @Test
    void a_removed_provider_leaves_no_series_behind_and_a_new_one_comes() {
        metrics.publish(image(Optional.of(decision(1, "a", "b")), "a", "b"), true);
        String before = registry.scrape();
        assertThat(before).contains("\"b\"").doesNotContain("\"c\"");

        metrics.publish(image(Optional.of(decision(2, "a", "c")), "a", "c"), true);

        String after = registry.scrape();
        assertThat(after).doesNotContain("\"b\"").contains("weir_weight_ratio{pool=\"m\",provider=\"c\"} 0.5");
        assertThat(after.lines().count()).isEqualTo(before.lines().count());
    }

    @Test
    void what_a_meter_reads_outlives_a_garbage_collection() {
        AtomicLong count = new AtomicLong(7);
        everyMeter(count);
        latencies.records(List.of(attempt("a", 20_000)));
        metrics.publish(image(Optional.of(decision(3, "a")), "a"), true);
        List<String> silent = withoutNumber();

        WeakReference<Object> unheld = new WeakReference<>(new Object());
        while (unheld.get() != null) {
            System.gc();
        }
        count.set(9);

        assertThat(withoutNumber()).isEqualTo(silent);
        assertThat(registry.scrape())
                .contains(
                        "weir_lost_total{what=\"transaction\"} 9.0",
                        "weir_declarations_reorganisations_total{depth=\"deep\"} 9.0",
                        "weir_queue_length{queue=\"inbox\"} 9.0",
                        "weir_ledger_rows{kind=\"call\"} 9.0",
                        "weir_sidecars_connected 9.0",
                        "weir_xds_refusals 9.0",
                        "weir_sidecars_shared_ids 9.0",
                        "weir_grants 0.0",
                        "weir_config_problems 2.0",
                        "weir_epoch_sequence 3.0",
                        "weir_weight_ratio{pool=\"m\",provider=\"a\"} 1.0");
    }

    /** Of all meters of the registry, whoever made them. */
    private List<String> withoutNumber() {
        List<String> names = new ArrayList<>();
        for (Meter meter : registry.getMeters()) {
            meter.measure().forEach(each -> {
                if (Double.isNaN(each.getValue())) {
                    names.add(meter.getId() + " " + each.getStatistic());
                }
            });
        }
        names.sort(null);
        return names;
    }

    private static Picker picker(MeterRegistry registry) {
        PickState state = new PickState(1, 1 << 20, 0, new CheckQueue.OldestFirst());
        return new Picker(new Inbox(1), () -> 0, new PickMetrics(registry), List.of(), state);
    }

    /** Registers what the control plane does; the caller holds nothing of it but the count. */
    private void everyMeter(AtomicLong count) {
        metrics.queue("inbox", count::get);
        metrics.lost("transaction", count::get);
        metrics.reorganisations("deep", count::get);
        metrics.ledgerRows("call", count::get);
        metrics.sidecars(count::get);
        metrics.refusals(count::get);
        metrics.sharedIds(count::get);
        metrics.configured(2);
        PickMetrics.gauges(registry, picker(registry), () -> Configs.of("a"));
    }

    @Test
    void before_the_first_decision_there_are_no_numbers_but_no_failure() {
        assertThat(registry.scrape()).contains("weir_epoch_sequence NaN");
        metrics.publish(image(Optional.empty(), "a"), false);
        assertThat(registry.scrape()).contains("weir_weight_ratio{pool=\"m\",provider=\"a\"} 0.0");
    }

    @Test
    void releases_count_under_each_cause_and_only_when_released() {
        Image image = image(Optional.of(decision(1, "a")), "a");
        metrics.publish(image, true);
        metrics.publish(image, false);
        assertThat(registry.scrape())
                .contains(
                        "weir_releases_total{cause=\"health\"} 1.0",
                        "weir_releases_total{cause=\"price\"} 1.0",
                        "weir_releases_total{cause=\"first\"} 0.0");
    }

    @Test
    void what_sides_refuse_is_counted_by_pool_and_provider_and_only_of_those_that_there_are() {
        telemetry.records(List.of(
                attempt("p", "a", 1, 503, true),
                attempt("p", "a", 1, 503, true),
                attempt("p", "a", 1, 429, true),
                attempt("p", "a", 1, 503, false),
                attempt("p", "nobody", 1, 503, true)));
        assertThat(registry.scrape().lines().filter(line -> line.startsWith("weir_bounces_total{")))
                .containsExactlyInAnyOrder(
                        "weir_bounces_total{outcome=\"sent_on\",pool=\"p\",provider=\"a\"} 2.0",
                        "weir_bounces_total{outcome=\"shed\",pool=\"p\",provider=\"a\"} 1.0");
    }

    @Test
    void what_a_provider_did_not_complete_is_counted_by_a_few_words() {
        List<AccessRecord> records = new ArrayList<>();
        for (int status : new int[] {200, 0, 307, 400, 401, 402, 403, 404, 408, 422, 429, 500, 503, 529, 599}) {
            records.add(attempt("p", "a", 1, status, false));
        }
        records.add(attempt("p", "nobody", 1, 401, false));
        telemetry.records(records);
        assertThat(registry.scrape().lines().filter(line -> line.startsWith("weir_provider_failures_total{")))
                .containsExactlyInAnyOrder(
                        failures("none", 1),
                        failures("3xx", 1),
                        failures("4xx", 2),
                        failures("401", 1),
                        failures("402", 1),
                        failures("403", 1),
                        failures("404", 1),
                        failures("408", 1),
                        failures("429", 1),
                        failures("529", 1),
                        failures("5xx", 3));
    }

    private static String failures(String status, int count) {
        return "weir_provider_failures_total{pool=\"p\",provider=\"a\",status=\"" + status + "\"} " + count + ".0";
    }

    @Test
    void delivery_and_telemetry_are_counted_by_short_names() {
        String clusters = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
        delivery.acknowledged("n", clusters, 3_000_000);
        delivery.refused("n", clusters, "<secret>");
        delivery.rejected("n", "garbage", "<secret>");
        telemetry.load(new LoadReport("n", 0, List.of()));
        telemetry.records(List.of(attempt("a", 1), attempt("a", 1)));
        telemetry.rejected("n", "record", "<secret>");
        long safe = new CountedFiles(registry, new FileRecords() {
                    @Override
                    public long accept(Chunk chunk) {
                        return 9;
                    }

                    @Override
                    public long position(String sidecar, String fileId) {
                        return 0;
                    }
                })
                .accept(new FileRecords.Chunk("s", "f", 0, ByteString.copyFromUtf8("{}\n{}\n{}\n")));
        assertThat(safe).isEqualTo(9);
        assertThat(registry.scrape())
                .contains(
                        "weir_xds_acks_total{type=\"Cluster\"} 1.0",
                        "weir_xds_nacks_total{type=\"Cluster\"} 1.0",
                        "weir_xds_push_duration_seconds_count{type=\"Cluster\"} 1",
                        "weir_xds_rejected_total{kind=\"garbage\"} 1.0",
                        "weir_load_reports_total 1.0",
                        "weir_records_total{kind=\"attempt\",source=\"stream\"} 2.0",
                        "weir_records_total{kind=\"line\",source=\"file\"} 3.0",
                        "weir_telemetry_rejected_total{kind=\"record\"} 1.0")
                .doesNotContain("secret");
    }

    @Test
    void labels_that_come_from_outside_are_bounded() {
        for (int i = 0; i < 1000; i++) {
            telemetry.rejected("n", "kind" + i, "");
            delivery.refused("n", "type" + i, "");
            delivery.rejected("n", "kind" + i, "");
        }
        String scrape = registry.scrape();
        assertThat(scrape.lines().filter(l -> l.startsWith("weir_telemetry_rejected_total{")))
                .hasSize(33);
        assertThat(scrape.lines().filter(l -> l.startsWith("weir_xds_nacks_total{")))
                .hasSize(33);
        assertThat(scrape.lines().filter(l -> l.startsWith("weir_xds_rejected_total{")))
                .hasSize(33);
        assertThat(scrape).contains("weir_telemetry_rejected_total{kind=\"other\"} 968.0");
    }

    @Test
    void what_is_learnt_of_quotas_is_shown_while_it_is_known() {
        QuotaMetrics quotas = new QuotaMetrics(registry);
        QuotaState.Unit told = new QuotaState.Unit(QuotaUnit.INPUT_TOKENS, 40_000, true, 60, 39_000, 1, 640);
        QuotaState.Unit unknown = new QuotaState.Unit(
                QuotaUnit.REQUESTS, Double.POSITIVE_INFINITY, false, 60, -1, Double.NaN, Double.POSITIVE_INFINITY);
        AtomicReference<List<QuotaState>> states =
                new AtomicReference<>(List.of(new QuotaState("a", "m", List.of(told, unknown), 17, Map.of())));
        Publisher publisher = quotas.publisher(states::get);
        publisher.publish(image(Optional.empty(), "a"), false);
        quotas.refused("a", RefusalKind.RATE);
        quotas.ignored("a", 2);
        assertThat(registry.scrape()
                        .lines()
                        .filter(line -> line.startsWith("weir_quota") || line.startsWith("weir_provider_refusals")))
                .containsExactlyInAnyOrder(
                        "weir_quota_limit_units{model=\"m\",provider=\"a\",unit=\"input_tokens\"} 40000.0",
                        "weir_quota_remaining_units{model=\"m\",provider=\"a\",unit=\"input_tokens\"} 39000.0",
                        "weir_quota_rate_units_per_second{model=\"m\",provider=\"a\",unit=\"input_tokens\"} 640.0",
                        "weir_quota_pause_seconds{model=\"m\",provider=\"a\"} 17.0",
                        "weir_quota_ignored_total{provider=\"a\"} 2.0",
                        "weir_provider_refusals_total{kind=\"rate\",provider=\"a\"} 1.0");
        states.set(List.of());
        publisher.publish(image(Optional.empty(), "a"), false);
        assertThat(registry.scrape()).doesNotContain("weir_quota_limit_units{", "weir_quota_pause_seconds{");
        states.set(List.of(new QuotaState("a", "m", List.of(told), 0, Map.of())));
        publisher.publish(image(Optional.empty(), "a"), false);
    }

    @Test
    void the_documentation_lists_every_metric_and_nothing_else() throws IOException {
        delivery_and_telemetry_are_counted_by_short_names();
        what_sides_refuse_is_counted_by_pool_and_provider_and_only_of_those_that_there_are();
        metrics.publish(behindASide(image(Optional.of(decision(1, "a")), "a")), true);
        metrics.ticked(1);
        metrics.configured(2);
        metrics.configured(0);
        metrics.queue("inbox", () -> 3);
        metrics.ledgerRows("call", () -> 4);
        metrics.unconfirmed(() -> 0);
        metrics.store(() -> false, () -> 0, () -> 0);
        metrics.lost("telemetry", () -> 6);
        metrics.reorganisations("deep", () -> 7);
        metrics.sidecars(() -> 5);
        metrics.refusals(() -> 0);
        metrics.sharedIds(() -> 0);
        what_is_learnt_of_quotas_is_shown_while_it_is_known();
        new UsageMetrics(registry, cluster -> false).flagged(attempt("a", 1), "epoch");

        Set<String> measured = new TreeSet<>();
        Picker picker = picker(registry);
        PickMetrics.gauges(registry, picker, () -> Configs.of("a"));
        PickMetrics checks = new PickMetrics(registry);
        checks.checked("m", PickListener.Outcome.PICKED);
        checks.held("m", 1_000);
        Pattern.compile("^# TYPE (weir_\\S+) ", Pattern.MULTILINE)
                .matcher(registry.scrape())
                .results()
                .forEach(m -> measured.add(m.group(1)));
        Set<String> listed = new TreeSet<>();
        Pattern.compile("^\\| `(weir_[a-z_]+)`", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("../docs/metrics.md")))
                .results()
                .forEach(m -> listed.add(m.group(1)));
        // a timer's maximum comes along with it
        measured.removeIf(name -> name.endsWith("_max"));
        assertThat(measured).isEqualTo(listed);
        assertThat(registry.scrape())
                .contains(
                        "weir_tick_duration_seconds_count 1",
                        "weir_config_problems 0.0",
                        "process_uptime_seconds ",
                        "jvm_memory_used_bytes{",
                        "weir_config_reloads_total{result=\"problems\"} 1.0",
                        "weir_queue_length{queue=\"inbox\"} 3.0",
                        "weir_ledger_rows{kind=\"call\"} 4.0",
                        "weir_sidecars_connected 5.0");
    }

    private Image image(Optional<Decision> decision, String... providers) {
        return new Image(
                ++tick,
                10_000 + tick,
                Configs.of(providers),
                new Declarations("chain", Map.of(), Optional.of(new Block(77, "0x0")), 95_000, Optional.empty()),
                Map.of(),
                decision,
                proposal(providers),
                Map.of(),
                Set.of());
    }

    private static Image behindASide(Image image) {
        Map<String, Provider> providers = new TreeMap<>();
        image.config().providers().forEach((name, provider) -> providers.put(name, Meshes.behind(1, provider)));
        return new Image(
                image.tick(),
                image.atMillis(),
                new Config(image.config().mesh(), providers, image.config().pools()),
                image.declarations(),
                image.addresses(),
                image.decision(),
                image.proposal(),
                Map.of(),
                Set.of());
    }

    private static Decision decision(long sequence, String... providers) {
        return new Decision(
                new Epoch(1, sequence), 10_000, new Observation(0, false, List.of(), List.of()), proposal(providers));
    }

    private static Proposal proposal(String... providers) {
        List<Member> members = new ArrayList<>();
        List<ProviderState> states = new ArrayList<>();
        for (String provider : providers) {
            members.add(new Member(provider, 1_000_000 / providers.length, 123));
            states.add(new ProviderState(provider, Status.ACTIVE, 100, 99, 8, 4, -3.5, 40, "fine"));
        }
        return new Proposal(
                List.of(new PoolProposal("m", members, 90.5, 0.5, 50, 0.1, 123, 1, 0)),
                states,
                new Release(true, Set.of(Cause.HEALTH, Cause.PRICE), 0));
    }

    @Test
    void rows_that_are_not_as_their_providers_say_are_counted_under_names_that_there_are() {
        UsageMetrics usage = new UsageMetrics(registry, "m|a"::equals);
        usage.flagged(attempt("a", 1), "estimated");
        usage.flagged(attempt("made-up-1", 1), "provider");
        usage.flagged(attempt("made-up-2", 1), "provider");
        assertThat(registry.scrape())
                .contains("weir_ledger_flagged_total{flag=\"estimated\",pool=\"m\",provider=\"a\"} 1.0")
                .contains("weir_ledger_flagged_total{flag=\"provider\",pool=\"none\",provider=\"none\"} 2.0")
                .doesNotContain("made-up");
    }

    private static AccessRecord attempt(String provider, long micros) {
        return attempt("m", provider, micros, 200, false);
    }

    private static AccessRecord attempt(String pool, String provider, long micros, int status, boolean bounced) {
        return RecordMaker.attempt("r", 1)
                .lasting(micros, micros)
                .pool(pool)
                .provider(provider)
                .status(status)
                .bounced(bounced)
                .make();
    }
}
