package dev.weir.weights;

import java.util.AbstractList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An immutable list that also finds its elements by name. The index is made at the first look-up, as most lists are only gone
 * through. Of elements with one name the first is found.
 */
final class IndexedList<E> extends AbstractList<E> implements RandomAccess {
    private final List<E> elements;
    private final Function<E, String> name;
    /** Made once; by two threads at once, twice the same. */
    private volatile @Nullable Map<String, E> index;

    private IndexedList(List<E> elements, Function<E, String> name) {
        this.elements = elements;
        this.name = name;
    }

    static <E> List<E> copyOf(List<E> elements, Function<E, String> name) {
        return elements instanceof IndexedList<E> indexed ? indexed : new IndexedList<>(List.copyOf(elements), name);
    }

    /** @param list made by {@link #copyOf} */
    static <E> Optional<E> find(List<E> list, String name) {
        return Optional.ofNullable(((IndexedList<E>) list).index().get(name));
    }

    private Map<String, E> index() {
        Map<String, E> made = index;
        if (made == null) {
            made = new HashMap<>();
            for (E element : elements) {
                made.putIfAbsent(name.apply(element), element);
            }
            index = made;
        }
        return made;
    }

    @Override
    public E get(int at) {
        return elements.get(at);
    }

    @Override
    public int size() {
        return elements.size();
    }
}
