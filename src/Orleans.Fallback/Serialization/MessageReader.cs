using System.Runtime.Serialization;
using System.Text.Json;

namespace Orleans.Fallback.Serialization;

/// <summary>Reads one message, and knows the objects that it has read. Every token is read through it, because brackets are counted.</summary>
internal ref struct MessageReader(Utf8JsonReader json, long length)
{
    private Utf8JsonReader _json = json;
    private Dictionary<int, object>? _read;
    private int _brackets;

    public readonly JsonTokenType Token => _json.TokenType;

    /// <summary>The number of the bracket that was opened last.</summary>
    public readonly int Bracket => _brackets - 1;

    /// <summary>How many bytes are left, which no count of elements can exceed.</summary>
    public readonly long Left => length - _json.BytesConsumed;

    /// <summary>Goes to the next token.</summary>
    public void Advance()
    {
        if (!_json.Read())
        {
            throw new SerializationException("The message ends too early.");
        }

        if (_json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            _brackets++;
        }
    }

    public readonly void Expect(JsonTokenType token)
    {
        if (Token != token)
        {
            throw new SerializationException($"The message has {Token} where {token} is expected.");
        }
    }

    public void ExpectEnd()
    {
        if (_json.Read())
        {
            throw new SerializationException("Something follows the message.");
        }
    }

    /// <summary>Goes to the last token of the value that begins here.</summary>
    public void Skip()
    {
        if (Token is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }

        var depth = _json.CurrentDepth;
        do
        {
            Advance();
        }
        while (_json.CurrentDepth > depth);
    }

    /// <summary>Whether the name of the member here is this one.</summary>
    public readonly bool NameIs(JsonEncodedText name) => Token == JsonTokenType.PropertyName && _json.ValueTextEquals(name.EncodedUtf8Bytes);

    public readonly string Text() => _json.GetString() ?? throw new SerializationException("The message has null where text is expected.");

    public readonly int Int32() => _json.GetInt32();

    public readonly object Atom(AtomRead read) => read(in _json);

    public void Remember(int bracket, object value) => (_read ??= [])[bracket] = value;

    public readonly object Recall(int bracket) => _read is not null && _read.TryGetValue(bracket, out var value)
        ? value
        : throw new SerializationException($"The message refers to an object at {bracket} which was not read, or is not complete yet.");

    /// <summary>What follows shares no objects with what was read.</summary>
    public readonly void ForgetObjects() => _read?.Clear();
}

/// <summary>Reads the token as an atom.</summary>
internal delegate object AtomRead(in Utf8JsonReader json);
