package dev.weir.control.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
    @TempDir
    Path folder;

    @Test
    void it_is_made_and_nobody_else_reads_it() throws Exception {
        Path data = folder.resolve("a/b");
        try (DataFolder open = DataFolder.open(data)) {
            assertThat(open.interrupted()).isFalse();
            assertThat(open.sub("consumer-1")).isDirectory();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void a_second_one_is_refused_and_told_who_is_there() throws Exception {
        try (DataFolder first = DataFolder.open(folder)) {
            assertThatThrownBy(() -> DataFolder.open(folder))
                    .isInstanceOf(UpRefusal.class)
                    .hasMessage(
                            "--data: \"" + folder + "\" (expected: a folder that no other weir up works in; process "
                                    + ProcessHandle.current().pid() + " does)");
            assertThat(first.interrupted()).isFalse();
        }
        try (DataFolder again = DataFolder.open(folder)) {
            assertThat(again.interrupted()).as("the first ended as it should").isFalse();
        }
    }

    @Test
    void what_a_killed_one_left_is_known() throws Exception {
        Files.writeString(folder.resolve("up.lock"), "4711");
        try (DataFolder next = DataFolder.open(folder)) {
            assertThat(next.interrupted()).isTrue();
        }
    }

    @Test
    void a_file_in_its_place_is_refused() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> DataFolder.open(file))
                .isInstanceOf(UpRefusal.class)
                .hasMessageStartingWith("--data: \"" + file + "\"")
                .hasMessageEndingWith("(expected: a folder that can be written; --data DIR chooses another)");
    }
}
