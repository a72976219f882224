package dev.weir.control.config;

import static dev.weir.control.config.ConfigFiles.MESH;
import static dev.weir.control.config.ConfigFiles.mesh;
import static dev.weir.control.config.ConfigFiles.provider;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryWatchTest {
    @TempDir
    Path directory;

    private ConfigFiles files;
    private final List<LoadedConfig> told = new ArrayList<>();
    private DirectoryWatch watcher;

    @BeforeEach
    void start() {
        files = new ConfigFiles(directory).write("mesh.yaml", MESH).write("a.yaml", provider("a"));
        watch(new ConfigFeed(manual(files.source)));
        settle();
    }

    @Test
    void nothing_is_told_while_nothing_changes() {
        settle();
        assertThat(told).isEmpty();
    }

    @Test
    void what_changed_between_loading_and_watching_is_told() {
        ConfigFeed feed = new ConfigFeed(manual(files.source));
        files.write("b.yaml", provider("b"));
        watch(feed);
        settle();
        assertThat(last().providers()).containsOnlyKeys("a", "b");
    }

    @Test
    void a_change_is_told_once_when_it_has_come_to_rest() {
        files.write("mesh.yaml", mesh("{tick: 1s}"));
        watcher.poll();
        assertThat(told).isEmpty();
        settle();
        assertThat(told).hasSize(1);
        assertThat(last().mesh().control().tick()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void a_file_written_beside_and_renamed_into_place_is_seen_even_with_its_old_time() throws IOException {
        Path target = directory.resolve("mesh.yaml");
        Path beside = directory.resolve(".mesh.yaml.tmp");
        Files.writeString(beside, mesh("{tick: 2s}"));
        Files.setLastModifiedTime(beside, Files.getLastModifiedTime(target));
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
        settle();
        assertThat(last().mesh().control().tick()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void an_edit_in_place_of_equal_size_and_time_is_seen() throws IOException {
        Path target = directory.resolve("mesh.yaml");
        files.write("mesh.yaml", mesh("{tick: 2s}"));
        settle();
        var time = Files.getLastModifiedTime(target);
        files.write("mesh.yaml", mesh("{tick: 3s}"));
        Files.setLastModifiedTime(target, time);
        settle();
        assertThat(last().mesh().control().tick()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void a_half_written_file_keeps_the_last_good_and_the_whole_one_applies() {
        files.write("mesh.yaml", "apiVersion: weir.dev/v1alpha1\nkind: Mesh\nmetadata: {na");
        settle();
        assertThat(last().mesh().control().tick()).isEqualTo(Duration.ofMillis(250));
        assertThat(told.get(0).problems()).hasSize(1);

        files.write("mesh.yaml", mesh("{tick: 3s}"));
        settle();
        assertThat(last().mesh().control().tick()).isEqualTo(Duration.ofSeconds(3));
        assertThat(told.get(1).problems()).isEmpty();
    }

    @Test
    void a_volume_whose_link_is_swapped_is_seen() throws IOException {
        Path volume = Files.createDirectory(directory.resolve("volume"));
        Path one = Files.createDirectory(volume.resolve("..one"));
        Path two = Files.createDirectory(volume.resolve("..two"));
        Files.writeString(one.resolve("mesh.yaml"), mesh("{tick: 1s}"));
        Files.writeString(two.resolve("mesh.yaml"), mesh("{tick: 2s}"));
        Path data = Files.createSymbolicLink(volume.resolve("..data"), one.getFileName());
        Files.createSymbolicLink(volume.resolve("mesh.yaml"), Path.of("..data", "mesh.yaml"));
        watch(new ConfigFeed(manual(new ConfigFiles(volume).source)));
        settle();

        Path next = Files.createSymbolicLink(volume.resolve("..next"), two.getFileName());
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        settle();

        assertThat(last().mesh().control().tick()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void a_secret_that_changes_in_its_own_file_is_a_change() {
        files.write("key", "one");
        files.write("a.yaml", provider("a", """
                {endpoint: {host: h, port: 1}, capacity: {workUnitsPerSecond: 1, slots: 1},
                  credentials: {valueFrom: {file: key}}}"""));
        settle();
        assertThat(secret()).isEqualTo("one");
        files.write("key", "two");
        settle();
        assertThat(secret()).isEqualTo("two");
        files.delete("key");
        settle();
        assertThat(secret()).isEqualTo("two");
        assertThat(told.get(told.size() - 1).problems().toString()).contains("a readable text file");
    }

    @Test
    void authorities_that_are_rotated_in_their_own_file_are_a_change_and_a_bad_rotation_changes_nothing() {
        files.write("ca.pem", Pems.text("one"));
        files.write("a.yaml", provider("a", """
                {endpoint: {host: h, port: 1, tls: {caFile: ca.pem}}, capacity: {workUnitsPerSecond: 1, slots: 1}}"""));
        settle();
        assertThat(authorities()).isEqualTo(Pems.text("one"));
        files.write("ca.pem", Pems.text("two"));
        settle();
        assertThat(authorities()).isEqualTo(Pems.text("two"));
        files.write("ca.pem", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n");
        settle();
        assertThat(authorities()).isEqualTo(Pems.text("two"));
        assertThat(told.get(told.size() - 1).problems().toString()).contains("certificate 1 cannot be read");
    }

    private String authorities() {
        return requireNonNull(last().providers().get("a"))
                .endpoint()
                .tls()
                .orElseThrow()
                .authorities()
                .orElseThrow();
    }

    private String secret() {
        return requireNonNull(last().providers().get("a"))
                .credentials()
                .orElseThrow()
                .value();
    }

    private Config last() {
        return told.get(told.size() - 1).config().orElseThrow();
    }

    /** The same, but for that its watch looks only when it is told to. */
    private ConfigSource manual(DirectorySource source) {
        return new ConfigSource() {
            @Override
            public Listing read() {
                return source.read();
            }

            @Override
            public AutoCloseable watch(Runnable changed) {
                watcher = source.watching(changed);
                return watcher;
            }
        };
    }

    private void watch(ConfigFeed feed) {
        var unused = feed.watch(told::add);
    }

    /** Three looks: one sees a change, one sees that it rests, one that nothing is left. */
    private void settle() {
        watcher.poll();
        watcher.poll();
        watcher.poll();
    }
}
