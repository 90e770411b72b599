using System.Text;
using System.Text.Json;
using Admission.Frontend.Deferring;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Holding;

/// <summary>An outcome as a whole, for formats in which it does not go on as it is.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body.</param>
internal readonly record struct HeldAnswer(string Backend, int Status, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body)
{
    private const string Reason = "held-answer";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether it is a problem that a gateway tells, this one or one behind it: then the body says everything.</summary>
    public bool IsProblem =>
        Headers.ContainsKey(Problem.ReasonHeader) && Headers.ContentType.ToString().StartsWith(Problem.ContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>The body where it is UTF-8; null where it is not.</summary>
    public static string? TextOf(ReadOnlySpan<byte> body)
    {
        try
        {
            return Strict.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The problem in JSON: the gateway's own as it is, and a backend's answer in one that says why, with status, headers and body.</summary>
    public ReadOnlyMemory<byte> ToProblem() => IsProblem ? Body : Wrap();

    private ReadOnlyMemory<byte> Wrap()
    {
        var (headers, body) = (JobHeaders.Keep(Headers), Body);
        var problem = new Problem(
            Status, Reason, "The answer of the backend is not what was promised",
            $"The connection was held, so status 200 and the type were sent before this was known. The backend '{Backend}' has answered {Status}"
            + (body.Length == 0 ? " without a body." : $" with {(Headers.ContentType.Count > 0 ? Headers.ContentType.ToString() : "no type")}.") + " All of its answer is here.",
            Backend);
        return problem.ToJson(json =>
        {
            json.WriteStartObject("headers");
            foreach (var (name, values) in headers)
            {
                json.WriteStartArray(name);
                foreach (var value in values)
                {
                    json.WriteStringValue(value);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
            WriteBody(json, body.Span);
        });
    }

    private static void WriteBody(Utf8JsonWriter json, ReadOnlySpan<byte> body)
    {
        if (TextOf(body) is { } text)
        {
            json.WriteString("body", text);
        }
        else
        {
            json.WriteBase64String("base64", body);
        }
    }
}
