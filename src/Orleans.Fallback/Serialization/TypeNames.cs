using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.Engine;
using Orleans.Runtime;

namespace Orleans.Fallback.Serialization;

/// <summary>The names of types in messages: a text, or for generic types and arrays an array of a text and the names of the arguments.</summary>
internal sealed class TypeNames
{
    private const int MaxNesting = 8;

    private static readonly ImmutableArray<(string Name, Type Type)> Library =
    [
        ("string", typeof(string)), ("bool", typeof(bool)), ("byte", typeof(byte)), ("sbyte", typeof(sbyte)), ("short", typeof(short)),
        ("ushort", typeof(ushort)), ("int", typeof(int)), ("uint", typeof(uint)), ("long", typeof(long)), ("ulong", typeof(ulong)),
        ("nint", typeof(nint)), ("nuint", typeof(nuint)), ("char", typeof(char)), ("float", typeof(float)), ("double", typeof(double)),
        ("decimal", typeof(decimal)), ("Half", typeof(Half)), ("Int128", typeof(Int128)), ("UInt128", typeof(UInt128)),
        ("BigInteger", typeof(System.Numerics.BigInteger)), ("DateTime", typeof(DateTime)), ("DateTimeOffset", typeof(DateTimeOffset)),
        ("DateOnly", typeof(DateOnly)), ("TimeOnly", typeof(TimeOnly)), ("TimeSpan", typeof(TimeSpan)), ("Guid", typeof(Guid)),
        ("Uri", typeof(Uri)), ("Version", typeof(Version)), ("IPAddress", typeof(System.Net.IPAddress)),
        ("IPEndPoint", typeof(System.Net.IPEndPoint)), ("CancellationToken", typeof(CancellationToken)), ("Type", typeof(Type)),
        ("ReadOnlyMemory", typeof(ReadOnlyMemory<>)), ("GrainId", typeof(GrainId)), ("GrainType", typeof(GrainType)),
        ("GrainInterfaceType", typeof(GrainInterfaceType)), ("IdSpan", typeof(IdSpan)), ("ActivationId", typeof(ActivationId)),
        ("GrainReference", typeof(GrainReference)), ("Exception", typeof(Exception)), ("Nullable", typeof(Nullable<>)),
        ("List", typeof(List<>)), ("Dictionary", typeof(Dictionary<,>)), ("HashSet", typeof(HashSet<>)), ("Queue", typeof(Queue<>)),
        ("Stack", typeof(Stack<>)), ("ImmutableArray", typeof(ImmutableArray<>)), ("ImmutableList", typeof(ImmutableList<>)),
        ("ImmutableDictionary", typeof(ImmutableDictionary<,>)), ("ImmutableHashSet", typeof(ImmutableHashSet<>)),
        ("IEnumerable", typeof(IEnumerable<>)), ("ICollection", typeof(ICollection<>)), ("IList", typeof(IList<>)),
        ("IReadOnlyCollection", typeof(IReadOnlyCollection<>)), ("IReadOnlyList", typeof(IReadOnlyList<>)),
        ("IDictionary", typeof(IDictionary<,>)), ("IReadOnlyDictionary", typeof(IReadOnlyDictionary<,>)), ("ISet", typeof(ISet<>)),
        ("IReadOnlySet", typeof(IReadOnlySet<>)), ("KeyValuePair", typeof(KeyValuePair<,>)),
        ("(1)", typeof(ValueTuple<>)), ("(2)", typeof(ValueTuple<,>)), ("(3)", typeof(ValueTuple<,,>)), ("(4)", typeof(ValueTuple<,,,>)),
        ("(5)", typeof(ValueTuple<,,,,>)), ("(6)", typeof(ValueTuple<,,,,,>)), ("(7)", typeof(ValueTuple<,,,,,,>)),
        ("(8)", typeof(ValueTuple<,,,,,,,>)),
        ("Tuple1", typeof(Tuple<>)), ("Tuple2", typeof(Tuple<,>)), ("Tuple3", typeof(Tuple<,,>)), ("Tuple4", typeof(Tuple<,,,>)),
        ("Tuple5", typeof(Tuple<,,,,>)), ("Tuple6", typeof(Tuple<,,,,,>)), ("Tuple7", typeof(Tuple<,,,,,,>)),
        ("Tuple8", typeof(Tuple<,,,,,,,>)),
    ];

    private readonly Dictionary<string, Type> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, string> _names = [];
    private readonly HashSet<string> _ambiguous = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Type, string> _texts = new();

    public TypeNames(ApplicationTypes types)
    {
        foreach (var (name, type) in Library)
        {
            Add(name, type);
        }

        foreach (var type in types.All.Where(IsMessage))
        {
            Add(type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? type.FullName!, type);
        }
    }

    /// <summary>Writes a type's name.</summary>
    /// <exception cref="NotSupportedException">It has none.</exception>
    public void Write(MessageWriter writer, Type type)
    {
        if (type.IsArray)
        {
            writer.StartArray();
            writer.Json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"[{type.GetArrayRank()}]"));
            Write(writer, type.GetElementType()!);
            writer.Json.WriteEndArray();
        }
        else if (type.IsGenericType)
        {
            writer.StartArray();
            writer.Json.WriteStringValue(NameOf(type.GetGenericTypeDefinition()));
            foreach (var argument in type.GenericTypeArguments)
            {
                Write(writer, argument);
            }

            writer.Json.WriteEndArray();
        }
        else
        {
            writer.Json.WriteStringValue(NameOf(type));
        }
    }

    /// <summary>Reads a type's name; the reader stands on its first token, and then on its last.</summary>
    /// <exception cref="SerializationException">There is no such type here.</exception>
    public Type Read(ref MessageReader reader) => Read(ref reader, MaxNesting);

    /// <summary>A type's name as text.</summary>
    public string Text(Type type) => _texts.GetOrAdd(type, static (type, self) =>
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            self.Write(new MessageWriter(json), type);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }, this);

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    public Type Parse(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new MessageReader(new Utf8JsonReader(bytes), bytes.Length);
        reader.Advance();
        return Read(ref reader);
    }

    private static bool IsMessage(Type type) => type.IsEnum || type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
        || (type.IsInterface && type.IsAssignableTo(typeof(IAddressable)));

    private void Add(string name, Type type)
    {
        if (_types.TryAdd(name, type))
        {
            _names.Add(type, name);
        }
        else
        {
            _ = _ambiguous.Add(name);
        }
    }

    private string NameOf(Type type) => _names.TryGetValue(type, out var name) && !_ambiguous.Contains(name) ? name : Unnamed(type);

    private static string Unnamed(Type type) => type.IsEnum && type.Assembly == typeof(object).Assembly
        ? type.FullName!
        : throw new NotSupportedException($"{type} has no name of its own in messages. Give it an [Alias] that no other type has.");

    private Type Find(string name) => _types.TryGetValue(name, out var type) && !_ambiguous.Contains(name) ? type
        : typeof(object).Assembly.GetType(name) is { IsEnum: true } enumeration ? enumeration
        : throw new SerializationException($"The message names the type '{name}', which is not known here.");

    private Type Read(ref MessageReader reader, int nesting)
    {
        if (nesting == 0)
        {
            throw new SerializationException("The message names a type that is nested too deep.");
        }

        if (reader.Token == JsonTokenType.String)
        {
            return Find(reader.Text());
        }

        reader.Expect(JsonTokenType.StartArray);
        reader.Advance();
        var name = reader.Text();
        var arguments = new List<Type>();
        for (reader.Advance(); reader.Token != JsonTokenType.EndArray; reader.Advance())
        {
            arguments.Add(Read(ref reader, nesting - 1));
        }

        if (name is "[1]" && arguments is [var element])
        {
            return element.MakeArrayType();
        }

        if (name is ['[', var rank, ']'] && rank is >= '2' and <= '9' && arguments is [var cell])
        {
            return cell.MakeArrayType(rank - '0');
        }

        var definition = Find(name);
        return definition.IsGenericTypeDefinition && definition.GetGenericArguments().Length == arguments.Count
            ? definition.MakeGenericType([.. arguments])
            : throw new SerializationException($"The message gives '{name}' {arguments.Count} type arguments.");
    }
}
