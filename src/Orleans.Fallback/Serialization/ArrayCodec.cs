using System.Runtime.Serialization;
using System.Text.Json;

namespace Orleans.Fallback.Serialization;

/// <summary>An array: its length, or the lengths of its dimensions, and its elements; the bytes of a byte array in Base64.</summary>
/// <remarks>The length comes first so that an array is there before its elements, which may refer to it.</remarks>
internal sealed class ArrayCodec(MessageSerializer serializer, Type type) : Codec
{
    private readonly Type _element = type.GetElementType()!;
    private readonly Slot _slot = serializer.SlotOf(type.GetElementType()!);

    public override void Write(MessageWriter writer, object value, Action<MessageWriter>? name)
    {
        if (name is null)
        {
            WriteElements(writer, (Array)value);
            return;
        }

        writer.StartObject();
        writer.Json.WritePropertyName(Words.Type);
        name(writer);
        writer.Json.WritePropertyName(Words.Elements);
        WriteElements(writer, (Array)value);
        writer.Json.WriteEndObject();
    }

    public override object ReadObject(ref MessageReader reader, int bracket)
    {
        if (!reader.NameIs(Words.Elements))
        {
            throw new SerializationException($"The message has a {type} without elements.");
        }

        reader.Advance();
        var value = ReadArray(ref reader, bracket);
        reader.Advance();
        reader.Expect(JsonTokenType.EndObject);
        return value;
    }

    public override object ReadArray(ref MessageReader reader, int bracket)
    {
        reader.Expect(JsonTokenType.StartArray);
        reader.Advance();
        if (type == typeof(byte[]))
        {
            var bytes = (byte[])reader.Atom(static (in json) => json.GetBytesFromBase64());
            reader.Remember(bracket, bytes);
            reader.Advance();
            reader.Expect(JsonTokenType.EndArray);
            return bytes;
        }

        var lengths = ReadLengths(ref reader);
        var array = Array.CreateInstance(_element, lengths);
        reader.Remember(bracket, array);
        var indices = new int[lengths.Length];
        for (var i = 0; i < array.Length; i++)
        {
            reader.Advance();
            array.SetValue(_slot.Read(ref reader), indices);
            Next(indices, lengths);
        }

        reader.Advance();
        reader.Expect(JsonTokenType.EndArray);
        return array;
    }

    private static void Next(int[] indices, int[] lengths)
    {
        for (var dimension = indices.Length - 1; dimension >= 0 && ++indices[dimension] == lengths[dimension]; dimension--)
        {
            indices[dimension] = 0;
        }
    }

    private int[] ReadLengths(ref MessageReader reader)
    {
        var lengths = new int[type.GetArrayRank()];
        if (lengths.Length == 1)
        {
            lengths[0] = reader.Int32();
        }
        else
        {
            reader.Expect(JsonTokenType.StartArray);
            for (var i = 0; i < lengths.Length; i++)
            {
                reader.Advance();
                lengths[i] = reader.Int32();
            }

            reader.Advance();
            reader.Expect(JsonTokenType.EndArray);
        }

        // An element has one byte at least, so a message cannot make the reader reserve more than in proportion to its own size.
        var count = lengths.Aggregate(1L, (product, length) => length < 0 ? long.MaxValue / 2 : Math.Min(long.MaxValue / int.MaxValue, product) * length);
        return count <= reader.Left ? lengths : throw new SerializationException($"The message claims {count} elements and is shorter.");
    }

    private void WriteElements(MessageWriter writer, Array array)
    {
        writer.StartArray();
        if (array is byte[] bytes && type == typeof(byte[]))
        {
            writer.Json.WriteBase64StringValue(bytes);
        }
        else
        {
            WriteLengths(writer, array);
            foreach (var element in array)
            {
                _slot.Write(writer, element);
            }
        }

        writer.Json.WriteEndArray();
    }

    private static void WriteLengths(MessageWriter writer, Array array)
    {
        if (array.Rank == 1)
        {
            writer.Json.WriteNumberValue(array.Length);
            return;
        }

        writer.StartArray();
        for (var dimension = 0; dimension < array.Rank; dimension++)
        {
            writer.Json.WriteNumberValue(array.GetLength(dimension));
        }

        writer.Json.WriteEndArray();
    }
}
