package dev.weir.control.config;

import dev.weir.control.config.ConfigSource.Listing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads the configuration's files: {@code *.yaml} and {@code *.yml} of one directory, not of those below. Hidden files
 * (editors' lock and swap files) are passed over; links are followed.
 */
final class Directory {
    static final long FILE_BYTES = 1 << 20;
    static final int FILES = 1000;
    static final long TOTAL_BYTES = 16 << 20;

    private Directory() {}

    /** @param secrets reads what the files name */
    static Listing read(Path directory, SecretReader secrets) {
        Listing listing = new Listing(
                new TreeMap<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                problem("", "at least one object in *.yaml or *.yml files at " + directory),
                secrets);
        List<Path> paths;
        try {
            paths = candidates(directory);
        } catch (IOException | DirectoryIteratorException e) {
            return fail(listing, "", "a readable directory at " + directory);
        }
        if (paths.size() > FILES) {
            return fail(listing, "", "at most " + FILES + " files, not " + paths.size());
        }
        long total = 0;
        for (Path path : paths) {
            String file = path.getFileName().toString();
            try {
                if (!Files.isRegularFile(path)) {
                    fail(listing, file, "a regular file");
                    continue;
                }
                byte[] bytes = bytes(path);
                total += bytes.length;
                if (bytes.length > FILE_BYTES) {
                    fail(listing, file, "a file of at most " + SizeText.write(FILE_BYTES));
                } else if (total > TOTAL_BYTES) {
                    fail(listing, file, "at most " + SizeText.write(TOTAL_BYTES) + " in all files together");
                } else {
                    listing.texts()
                            .put(
                                    file,
                                    StandardCharsets.UTF_8
                                            .newDecoder()
                                            .decode(ByteBuffer.wrap(bytes))
                                            .toString());
                }
            } catch (CharacterCodingException e) {
                fail(listing, file, "UTF-8 text");
            } catch (IOException e) {
                fail(listing, file, "a readable file (" + e.getClass().getSimpleName() + ")");
            }
        }
        return listing;
    }

    /** The files to read, sorted by name, so that problems come in the same order everywhere. */
    static List<Path> candidates(Path directory) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path path : entries) {
                String name = path.getFileName().toString();
                if (!name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml"))) {
                    paths.add(path);
                }
            }
        }
        paths.sort(Path::compareTo);
        return paths;
    }

    /** The bytes of a file, one more than allowed at most, so that a growing file cannot fill the memory. */
    private static byte[] bytes(Path path) throws IOException {
        try (var in = Files.newInputStream(path)) {
            return in.readNBytes((int) FILE_BYTES + 1);
        }
    }

    private static Listing fail(Listing listing, String file, String expected) {
        listing.unread().add(file);
        listing.problems().add(problem(file, expected));
        return listing;
    }

    /** @param file "" = the directory itself */
    private static ConfigProblem problem(String file, String expected) {
        return new ConfigProblem(file, 0, "", "", Optional.of(file.isEmpty() ? "directory" : file), expected);
    }
}
