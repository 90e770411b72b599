using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Admission.Cli.Gateway;

/// <summary>A JSON body.</summary>
/// <param name="Value">What it says.</param>
/// <param name="MediaType">Its type.</param>
internal sealed record JsonContent(JsonNode Value, string MediaType)
{
    /// <summary>As a request's body.</summary>
    public HttpContent ToHttp() => new StringContent(Value.ToJsonString()) { Headers = { ContentType = new MediaTypeHeaderValue(MediaType) } };
}
