using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.Json;
using Orleans.Runtime;

namespace Orleans.Fallback.Serialization;

/// <summary>A value that is one JSON token.</summary>
internal sealed class Atom
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    private static readonly Dictionary<Type, Atom> Known = new()
    {
        [typeof(string)] = Of<string>((json, value) => json.WriteStringValue(value), (in json) => json.GetString()!),
        [typeof(bool)] = Of<bool>((json, value) => json.WriteBooleanValue(value), (in json) => json.GetBoolean()),
        [typeof(byte)] = Of<byte>((json, value) => json.WriteNumberValue(value), (in json) => json.GetByte()),
        [typeof(sbyte)] = Of<sbyte>((json, value) => json.WriteNumberValue(value), (in json) => json.GetSByte()),
        [typeof(short)] = Of<short>((json, value) => json.WriteNumberValue(value), (in json) => json.GetInt16()),
        [typeof(ushort)] = Of<ushort>((json, value) => json.WriteNumberValue(value), (in json) => json.GetUInt16()),
        [typeof(int)] = Of<int>((json, value) => json.WriteNumberValue(value), (in json) => json.GetInt32()),
        [typeof(uint)] = Of<uint>((json, value) => json.WriteNumberValue(value), (in json) => json.GetUInt32()),
        [typeof(long)] = Of<long>((json, value) => json.WriteNumberValue(value), (in json) => json.GetInt64()),
        [typeof(ulong)] = Of<ulong>((json, value) => json.WriteNumberValue(value), (in json) => json.GetUInt64()),
        [typeof(nint)] = Of<nint>((json, value) => json.WriteNumberValue(value), (in json) => checked((nint)json.GetInt64())),
        [typeof(nuint)] = Of<nuint>((json, value) => json.WriteNumberValue(value), (in json) => checked((nuint)json.GetUInt64())),
        [typeof(char)] = Of<char>((json, value) => json.WriteNumberValue(value), (in json) => (char)json.GetUInt16()),
        [typeof(decimal)] = Of<decimal>((json, value) => json.WriteNumberValue(value), (in json) => json.GetDecimal()),
        [typeof(float)] = Text(value => value.ToString("R", Culture), text => float.Parse(text, Culture)),
        [typeof(double)] = Of<double>(WriteDouble, ReadDouble),
        [typeof(Half)] = Text(value => value.ToString("R", Culture), text => Half.Parse(text, Culture)),
        [typeof(Int128)] = Text(value => value.ToString(Culture), text => Int128.Parse(text, Culture)),
        [typeof(UInt128)] = Text(value => value.ToString(Culture), text => UInt128.Parse(text, Culture)),
        [typeof(BigInteger)] = Text(value => value.ToString(Culture), text => BigInteger.Parse(text, Culture)),
        [typeof(DateTime)] = Text(value => value.ToString("O", Culture), text => DateTime.Parse(text, Culture, DateTimeStyles.RoundtripKind)),
        [typeof(DateTimeOffset)] = Text(value => value.ToString("O", Culture), text => DateTimeOffset.Parse(text, Culture)),
        [typeof(DateOnly)] = Of<DateOnly>(
            (json, value) => json.WriteNumberValue(value.DayNumber), (in json) => DateOnly.FromDayNumber(json.GetInt32())),
        [typeof(TimeOnly)] = Of<TimeOnly>((json, value) => json.WriteNumberValue(value.Ticks), (in json) => new TimeOnly(json.GetInt64())),
        [typeof(TimeSpan)] = Of<TimeSpan>((json, value) => json.WriteNumberValue(value.Ticks), (in json) => new TimeSpan(json.GetInt64())),
        [typeof(Guid)] = Of<Guid>((json, value) => json.WriteStringValue(value), (in json) => json.GetGuid()),
        [typeof(Uri)] = Text(value => value.OriginalString, text => new Uri(text, UriKind.RelativeOrAbsolute)),
        [typeof(Version)] = Text(value => value.ToString(), Version.Parse),
        [typeof(IPAddress)] = Text(value => value.ToString(), IPAddress.Parse),
        [typeof(IPEndPoint)] = Text(value => value.ToString(), IPEndPoint.Parse),
        [typeof(ReadOnlyMemory<byte>)] = Of<ReadOnlyMemory<byte>>(
            (json, value) => json.WriteBase64StringValue(value.Span), (in json) => new ReadOnlyMemory<byte>(json.GetBytesFromBase64())),
        [typeof(GrainId)] = Text(value => value.ToString(), ParseGrainId),
        [typeof(GrainType)] = Text(value => value.ToString(), GrainType.Create),
        [typeof(GrainInterfaceType)] = Text(value => value.ToString(), GrainInterfaceType.Create),
        [typeof(IdSpan)] = Text(value => value.ToString(), IdSpan.Create),
        [typeof(ActivationId)] = Text(value => value.ToString(), text => new ActivationId(Guid.ParseExact(text.AsSpan(1), "N"))),
        // What a token stands for is a caller's, not a value; a token that is a parameter of a method has a way of its own.
        [typeof(CancellationToken)] = Of<CancellationToken>(
            (json, value) => json.WriteBooleanValue(value.IsCancellationRequested), (in json) => new CancellationToken(json.GetBoolean())),
    };

    private Atom(Action<Utf8JsonWriter, object> write, AtomRead read) => (Write, Read) = (write, read);

    private delegate T ReadToken<out T>(in Utf8JsonReader json);

    public Action<Utf8JsonWriter, object> Write { get; }

    public AtomRead Read { get; }

    /// <summary>How an atom's type is written; null when the type is no atom.</summary>
    public static Atom? Of(Type type, MessageSerializer serializer)
    {
        if (type.IsEnum)
        {
            return Enum.GetUnderlyingType(type) == typeof(ulong)
                ? new((json, value) => json.WriteNumberValue((ulong)value), (in json) => Enum.ToObject(type, json.GetUInt64()))
                : new((json, value) => json.WriteNumberValue(Convert.ToInt64(value, Culture)), (in json) => Enum.ToObject(type, json.GetInt64()));
        }

        return type == typeof(Type)
            ? new((json, value) => json.WriteStringValue(serializer.Names.Text((Type)value)), (in json) => serializer.Names.Parse(json.GetString()!))
            : Known.GetValueOrDefault(type);
    }

    /// <summary>Reads "type/key"; either may be empty, as in the default identity.</summary>
    public static GrainId ParseGrainId(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? throw new FormatException($"'{text}' is no identity of a grain.")
            : new GrainId(GrainType.Create(text[..slash]), IdSpan.Create(text[(slash + 1)..]));
    }

    private static Atom Of<T>(Action<Utf8JsonWriter, T> write, ReadToken<T> read)
        where T : notnull => new((json, value) => write(json, (T)value), (in json) => read(in json));

    private static Atom Text<T>(Func<T, string> write, Func<string, T> read)
        where T : notnull => new((json, value) => json.WriteStringValue(write((T)value)), (in json) => read(json.GetString()!));

    private static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(value.ToString(Culture));
        }
    }

    private static double ReadDouble(in Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.String ? double.Parse(json.GetString()!, Culture) : json.GetDouble();
}
