using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Admission.Trace;

/// <summary>Writes the lines of an arrivals file into memory; what is done with them is the caller's business. Not thread-safe.</summary>
public sealed class TraceWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _line = new(512);
    private readonly Utf8JsonWriter _json;

    /// <summary>Creates a writer.</summary>
    public TraceWriter() => _json = new Utf8JsonWriter(_line);

    /// <summary>The header line, with its line feed.</summary>
    /// <param name="started">The instant from which the following lines count.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlyMemory<byte> Header(DateTimeOffset started)
    {
        Begin();
        _json.WriteString("format", TraceFormat.Name);
        _json.WriteNumber("version", TraceFormat.Version);
        _json.WriteString("started", started.UtcDateTime);
        return End();
    }

    /// <summary>The line of one request, with its line feed.</summary>
    /// <param name="arrival">The request.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlyMemory<byte> Line(in Arrival arrival)
    {
        Begin();
        Seconds("at", arrival.At);
        _json.WriteString("backend", arrival.Backend);
        if (arrival.Tenant is { } tenant)
        {
            _json.WriteString("tenant", tenant);
        }

        _json.WriteNumber("priority", arrival.Priority);
        _json.WriteNumber("weight", arrival.Weight);
        if (arrival.Deadline is { } deadline)
        {
            Seconds("deadline", deadline);
        }

        _json.WriteString("outcome", TraceFormat.Word(arrival.Outcome));
        Seconds("waited", arrival.Waited);
        if (arrival.Service is { } service)
        {
            Seconds("service", service);
        }

        return End();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Begin()
    {
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
    }

    private ReadOnlyMemory<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        return _line.WrittenMemory;
    }

    // Microseconds, without the noise of a binary fraction.
    private void Seconds(string name, TimeSpan time)
    {
        Span<char> text = stackalloc char[40];
        ((decimal)time.Ticks / TimeSpan.TicksPerSecond).TryFormat(text, out var length, "0.######", CultureInfo.InvariantCulture);
        _json.WritePropertyName(name);
        _json.WriteRawValue(text[..length], skipInputValidation: true);
    }
}
