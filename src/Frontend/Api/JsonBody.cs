using System.Text.Json;

namespace Admission.Frontend.Api;

/// <summary>Reads what was sent as JSON.</summary>
internal static class JsonBody
{
    /// <summary>Parses a body, all of whose texts can be read afterwards: the parser itself leaves half of a pair of surrogates, and what is no UTF-8, to whoever reads the text.</summary>
    /// <param name="json">The body.</param>
    /// <param name="depth">The deepest nesting.</param>
    /// <exception cref="JsonException">It is no JSON, has a member twice, or a text in it is none.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, int depth)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = depth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                try
                {
                    _ = reader.GetString();
                }
                catch (InvalidOperationException mistake)
                {
                    throw new JsonException($"{mistake.Message.TrimEnd('.')} at byte {reader.TokenStartIndex}.", mistake);
                }
            }
        }

        return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = depth, AllowDuplicateProperties = false });
    }
}
