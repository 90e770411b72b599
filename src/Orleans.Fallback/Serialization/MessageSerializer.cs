using System.Buffers;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Serialization;
using System.Text.Json;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.Engine;
using Orleans.Fallback.References;
using Orleans.Runtime;

namespace Orleans.Fallback.Serialization;

/// <summary>Messages as bytes: what <see cref="MessageCopier"/> copies within a process goes through here between processes and to storage.</summary>
/// <remarks>
/// <para>The bytes are JSON. A message is an object whose names are the ids of its members (<see cref="MessageContract.Keys"/>), so a reader
/// skips members that it does not know, and a member that the writer did not know has its initial value. A collection is an array.</para>
/// <para>Where a value's type is not the declared one, <c>$t</c> names it. A reader finds types only among those of the application
/// (<see cref="ApplicationTypes"/>, by alias), the atoms and collections of <see cref="TypeRules"/>, and exceptions that it can make; nothing
/// in the bytes loads a type.</para>
/// <para>An object that occurs again is written as <c>{"$r":n}</c>, where n counts the opening brackets before the one that began it. Both
/// sides count, so nothing has to be written for objects that occur once.</para>
/// </remarks>
internal sealed class MessageSerializer
{
    /// <summary>How deep objects may be nested; a deeper message fails, where recursion without a bound would end the process.</summary>
    private const int MaxDepth = 256;

    private static readonly JsonWriterOptions WriterOptions = new() { MaxDepth = MaxDepth, SkipValidation = false };
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    private readonly ConcurrentDictionary<Type, Codec> _codecs = new();
    private readonly ConcurrentDictionary<Type, Slot> _slots = new();

    public MessageSerializer(ApplicationTypes types, Lazy<ReferenceFactory> references)
    {
        Names = new TypeNames(types);
        Exceptions = new ExceptionCodec(this, types);
        References = new ReferenceCodec(types, references);
    }

    public TypeNames Names { get; }

    public ExceptionCodec Exceptions { get; }

    public ReferenceCodec References { get; }

    /// <summary>A value as bytes.</summary>
    /// <param name="type">The declared type, which the reader must know.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="NotSupportedException">Something in it cannot be in a message.</exception>
    public byte[] Serialize(Type type, object? value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, [SlotOf(type)], [value], array: false);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Serialize"/> wrote for the same declared type.</summary>
    /// <exception cref="SerializationException">The bytes are no such value.</exception>
    public object? Deserialize(Type type, ReadOnlyMemory<byte> content) => Read(new ReadOnlySequence<byte>(content), SlotOf(type));

    /// <summary>Writes one value.</summary>
    public void Write(IBufferWriter<byte> buffer, Slot slot, object? value) => Write(buffer, [slot], [value], array: false);

    /// <summary>Writes several values as one array. As when they are copied, they share no objects.</summary>
    public void WriteAll(IBufferWriter<byte> buffer, ReadOnlySpan<Slot> slots, ReadOnlySpan<object?> values) =>
        Write(buffer, slots, values, array: true);

    /// <summary>Reads one value.</summary>
    /// <exception cref="SerializationException">The bytes are no such value.</exception>
    public object? Read(ReadOnlySequence<byte> content, Slot slot) => Guard(content, slot, static (ref reader, slot) =>
    {
        reader.Advance();
        return slot.Read(ref reader);
    });

    /// <summary>Reads what <see cref="WriteAll"/> wrote. Values that the writer did not write have their default.</summary>
    /// <exception cref="SerializationException">The bytes are no such values.</exception>
    public object?[] ReadAll(ReadOnlySequence<byte> content, Slot[] slots) => (object?[])Guard(content, slots, static (ref reader, slots) =>
    {
        var values = new object?[slots.Length];
        reader.Advance();
        reader.Expect(JsonTokenType.StartArray);
        var i = 0;
        for (reader.Advance(); reader.Token != JsonTokenType.EndArray; reader.Advance())
        {
            if (i < slots.Length)
            {
                reader.ForgetObjects();
                values[i] = slots[i].Read(ref reader);
            }
            else
            {
                reader.Skip();
            }

            i++;
        }

        for (; i < slots.Length; i++)
        {
            values[i] = slots[i].Default;
        }

        return values;
    })!;

    /// <summary>How a place of this declared type is written and read.</summary>
    public Slot SlotOf(Type declared) => _slots.GetOrAdd(declared, static (declared, self) => new Slot(self, declared), this);

    /// <summary>How values of exactly this type are written and read.</summary>
    /// <exception cref="NotSupportedException">It cannot be in a message.</exception>
    public Codec CodecOf(Type type) => _codecs.GetOrAdd(type, static (type, self) => self.CreateCodec(type), this);

    private static object? Guard<TArgument>(ReadOnlySequence<byte> content, TArgument argument, ReadOperation<TArgument> read)
    {
        try
        {
            var reader = new MessageReader(new Utf8JsonReader(content, ReaderOptions), content.Length);
            var value = read(ref reader, argument);
            reader.ExpectEnd();
            return value;
        }
        catch (Exception exception) when (exception is not SerializationException)
        {
            throw new SerializationException($"The bytes of a message could not be read: {exception.Message}", exception);
        }
    }

    private static void Write(IBufferWriter<byte> buffer, ReadOnlySpan<Slot> slots, ReadOnlySpan<object?> values, bool array)
    {
        using var json = new Utf8JsonWriter(buffer, WriterOptions);
        var writer = new MessageWriter(json);
        if (array)
        {
            writer.StartArray();
        }

        for (var i = 0; i < values.Length; i++)
        {
            writer.ForgetObjects();
            slots[i].Write(writer, values[i]);
        }

        if (array)
        {
            json.WriteEndArray();
        }
    }

    private Codec CreateCodec(Type type)
    {
        if (type.IsArray)
        {
            return new ArrayCodec(this, type);
        }

        if (TypeRules.IsCollection(type))
        {
            var arguments = type.GenericTypeArguments;
            var codec = arguments.Length == 2 ? typeof(PairsCodec<,,>) : typeof(ItemsCodec<,>);
            return (Codec)Activator.CreateInstance(codec.MakeGenericType([type, .. arguments]), this)!;
        }

        if (type.IsAssignableTo(typeof(IGrainBase)))
        {
            throw new NotSupportedException($"{type} is a grain. Pass this.AsReference<TInterface>() instead of this.");
        }

        if (type.IsAssignableTo(typeof(IAddressable)))
        {
            throw new NotSupportedException($"{type} is an observer. Pass what CreateObjectReference returns.");
        }

        return !type.IsAbstract && (TypeRules.IsTuple(type) || type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            ? new MembersCodec(this, type)
            : throw new NotSupportedException($"{type} cannot be in a message: it has no [GenerateSerializer] and is no known collection.");
    }

    private delegate object? ReadOperation<in TArgument>(ref MessageReader reader, TArgument argument);
}
