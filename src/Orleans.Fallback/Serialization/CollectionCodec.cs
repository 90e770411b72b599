using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text.Json;

namespace Orleans.Fallback.Serialization;

/// <summary>A collection: its elements, and its comparer where it is not the default.</summary>
/// <typeparam name="TCollection">The collection.</typeparam>
/// <typeparam name="TItem">What it enumerates.</typeparam>
/// <typeparam name="TKey">What its comparer compares.</typeparam>
internal abstract class CollectionCodec<TCollection, TItem, TKey> : Codec
    where TCollection : IEnumerable<TItem>
{
    public override void Write(MessageWriter writer, object value, Action<MessageWriter>? name)
    {
        var comparer = Comparers.NameOf(ComparerOf((TCollection)value));
        if (name is null && comparer is null)
        {
            WriteItems(writer, (TCollection)value);
            return;
        }

        writer.StartObject();
        if (name is not null)
        {
            writer.Json.WritePropertyName(Words.Type);
            name(writer);
        }

        if (comparer is not null)
        {
            writer.Json.WriteString(Words.Comparer, comparer);
        }

        writer.Json.WritePropertyName(Words.Elements);
        WriteItems(writer, (TCollection)value);
        writer.Json.WriteEndObject();
    }

    public override object ReadObject(ref MessageReader reader, int bracket)
    {
        IEqualityComparer<TKey>? comparer = null;
        if (reader.NameIs(Words.Comparer))
        {
            reader.Advance();
            comparer = Comparers.Find<TKey>(reader.Text());
            reader.Advance();
        }

        if (!reader.NameIs(Words.Elements))
        {
            throw new SerializationException($"The message has a {typeof(TCollection)} without elements.");
        }

        reader.Advance();
        var value = ReadItems(ref reader, bracket, comparer);
        reader.Advance();
        reader.Expect(JsonTokenType.EndObject);
        return value;
    }

    public override object ReadArray(ref MessageReader reader, int bracket) => ReadItems(ref reader, bracket, comparer: null);

    protected abstract IEqualityComparer<TKey>? ComparerOf(TCollection collection);

    protected abstract void WriteItem(MessageWriter writer, TItem item);

    protected abstract TItem ReadItem(ref MessageReader reader);

    /// <summary>An empty collection to add to; null where the collection never changes.</summary>
    protected abstract (TCollection Collection, Action<TItem> Add)? Empty(IEqualityComparer<TKey>? comparer);

    /// <summary>A collection that never changes.</summary>
    protected abstract TCollection Create(List<TItem> items, IEqualityComparer<TKey>? comparer);

    private void WriteItems(MessageWriter writer, TCollection collection)
    {
        writer.StartArray();
        foreach (var item in collection)
        {
            WriteItem(writer, item);
        }

        writer.Json.WriteEndArray();
    }

    private TCollection ReadItems(ref MessageReader reader, int bracket, IEqualityComparer<TKey>? comparer)
    {
        reader.Expect(JsonTokenType.StartArray);
        if (Empty(comparer) is var (filled, add))
        {
            // It is known before its elements are, so that they can refer to it.
            reader.Remember(bracket, filled);
            ReadInto(ref reader, add);
            return filled;
        }

        var items = new List<TItem>();
        ReadInto(ref reader, items.Add);
        var created = Create(items, comparer);
        reader.Remember(bracket, created);
        return created;
    }

    private void ReadInto(ref MessageReader reader, Action<TItem> add)
    {
        for (reader.Advance(); reader.Token != JsonTokenType.EndArray; reader.Advance())
        {
            add(ReadItem(ref reader));
        }
    }
}

/// <summary>A collection of single elements.</summary>
internal sealed class ItemsCodec<TCollection, T>(MessageSerializer serializer) : CollectionCodec<TCollection, T, T>
    where TCollection : IEnumerable<T>
{
    private readonly Slot _slot = serializer.SlotOf(typeof(T));

    protected override IEqualityComparer<T>? ComparerOf(TCollection collection) => collection switch
    {
        HashSet<T> set => set.Comparer,
        ImmutableHashSet<T> set => set.KeyComparer,
        _ => null,
    };

    protected override void WriteItem(MessageWriter writer, T item) => _slot.Write(writer, item);

    protected override T ReadItem(ref MessageReader reader) => (T)_slot.Read(ref reader)!;

    protected override (TCollection Collection, Action<T> Add)? Empty(IEqualityComparer<T>? comparer)
    {
        switch ((object?)EmptyOf(comparer))
        {
            case List<T> list:
                return ((TCollection)(object)list, list.Add);
            case HashSet<T> set:
                return ((TCollection)(object)set, item => set.Add(item));
            case Queue<T> queue:
                return ((TCollection)(object)queue, queue.Enqueue);
            default:
                return null;
        }
    }

    protected override TCollection Create(List<T> items, IEqualityComparer<T>? comparer)
    {
        if (typeof(TCollection) == typeof(Stack<T>))
        {
            // A stack enumerates from its top.
            items.Reverse();
            return (TCollection)(object)new Stack<T>(items);
        }

        object created = typeof(TCollection) == typeof(ImmutableArray<T>) ? items.ToImmutableArray()
            : typeof(TCollection) == typeof(ImmutableList<T>) ? items.ToImmutableList()
            : items.ToImmutableHashSet(comparer);
        return (TCollection)created;
    }

    private static object? EmptyOf(IEqualityComparer<T>? comparer) =>
        typeof(TCollection) == typeof(List<T>) ? new List<T>()
        : typeof(TCollection) == typeof(HashSet<T>) ? new HashSet<T>(comparer)
        : typeof(TCollection) == typeof(Queue<T>) ? new Queue<T>()
        : null;
}

/// <summary>A collection of keys and values: arrays of two.</summary>
internal sealed class PairsCodec<TCollection, TKey, TValue>(MessageSerializer serializer)
    : CollectionCodec<TCollection, KeyValuePair<TKey, TValue>, TKey>
    where TCollection : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private readonly Slot _key = serializer.SlotOf(typeof(TKey));
    private readonly Slot _value = serializer.SlotOf(typeof(TValue));

    protected override IEqualityComparer<TKey>? ComparerOf(TCollection collection) => collection switch
    {
        Dictionary<TKey, TValue> dictionary => dictionary.Comparer,
        ImmutableDictionary<TKey, TValue> dictionary => dictionary.KeyComparer,
        _ => null,
    };

    protected override void WriteItem(MessageWriter writer, KeyValuePair<TKey, TValue> item)
    {
        writer.StartArray();
        _key.Write(writer, item.Key);
        _value.Write(writer, item.Value);
        writer.Json.WriteEndArray();
    }

    protected override KeyValuePair<TKey, TValue> ReadItem(ref MessageReader reader)
    {
        reader.Expect(JsonTokenType.StartArray);
        reader.Advance();
        var key = (TKey)_key.Read(ref reader)!;
        reader.Advance();
        var value = (TValue)_value.Read(ref reader)!;
        reader.Advance();
        reader.Expect(JsonTokenType.EndArray);
        return KeyValuePair.Create(key, value);
    }

    protected override (TCollection Collection, Action<KeyValuePair<TKey, TValue>> Add)? Empty(IEqualityComparer<TKey>? comparer)
    {
        if (typeof(TCollection) != typeof(Dictionary<TKey, TValue>))
        {
            return null;
        }

        var dictionary = new Dictionary<TKey, TValue>(comparer);
        return ((TCollection)(object)dictionary, pair => dictionary.Add(pair.Key, pair.Value));
    }

    protected override TCollection Create(List<KeyValuePair<TKey, TValue>> items, IEqualityComparer<TKey>? comparer) =>
        (TCollection)(object)items.ToImmutableDictionary(comparer);
}
