using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Admission.Frontend.Problems;

/// <summary>An answer of the gateway itself (RFC 9457): what is wrong, in words and as a <c>reason</c> for programs.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Reason">In kebab-case; also the end of the type.</param>
/// <param name="Title">What is wrong, the same for each such problem.</param>
/// <param name="Detail">What is wrong here, and what to do.</param>
/// <param name="Backend">The backend, or null.</param>
internal sealed record Problem(int Status, string Reason, string Title, string Detail, string? Backend = null)
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>The header that has the reason, in each answer of the gateway itself.</summary>
    public const string ReasonHeader = "X-Admission-Reason";

    /// <summary>The header that names a request which was refused or waited long, for the admin API's <c>explain</c>.</summary>
    public const string TicketHeader = "X-Admission-Ticket";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Seconds after which to come back; null for never as it is.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Every single mistake, where there may be several; else null.</summary>
    public IReadOnlyList<string>? Errors { get; init; }

    /// <summary>Sends it.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        var body = ToJson();
        response.StatusCode = Status;
        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        response.Headers[ReasonHeader] = Reason;
        response.ContentType = ContentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>The body.</summary>
    /// <param name="more">Writes further members.</param>
    public ReadOnlyMemory<byte> ToJson(Action<Utf8JsonWriter>? more = null)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("type", $"urn:admission:problem:{Reason}");
            json.WriteString("title", Title);
            json.WriteNumber("status", Status);
            json.WriteString("detail", Detail);
            if (Backend is not null)
            {
                json.WriteString("backend", Backend);
            }

            json.WriteString("reason", Reason);
            if (Errors is not null)
            {
                json.WriteStartArray("errors");
                foreach (var error in Errors)
                {
                    json.WriteStringValue(error);
                }

                json.WriteEndArray();
            }

            more?.Invoke(json);
            if (RetryAfter is { } seconds)
            {
                json.WriteNumber("retryAfter", seconds);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
