using System.Text.Json;

namespace Orleans.Fallback.Serialization;

/// <summary>Writes one message, and knows which objects it has written. Every bracket is opened through it, because brackets are counted.</summary>
internal sealed class MessageWriter(Utf8JsonWriter json)
{
    private Dictionary<object, int>? _written;
    private int _brackets;

    public Utf8JsonWriter Json => json;

    public void StartObject()
    {
        json.WriteStartObject();
        _brackets++;
    }

    public void StartArray()
    {
        json.WriteStartArray();
        _brackets++;
    }

    /// <summary>Writes where the object has been written before; else remembers that the next bracket begins it.</summary>
    public bool TryWriteAgain(object value)
    {
        _written ??= new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        if (!_written.TryGetValue(value, out var bracket))
        {
            _written.Add(value, _brackets);
            return false;
        }

        StartObject();
        json.WriteNumber(Words.Again, bracket);
        json.WriteEndObject();
        return true;
    }

    /// <summary>What follows shares no objects with what was written.</summary>
    public void ForgetObjects() => _written?.Clear();
}
