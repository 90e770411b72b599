using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using Admission.Cli.Output;

namespace Admission.Cli.Gateway;

/// <summary>Asks the admin API of one gateway.</summary>
/// <remarks>Problems are told by <see cref="ApiFailures"/>; that nobody answers ends the command.</remarks>
internal sealed class AdminApi : IDisposable
{
    private const string Root = "admission/v1/";

    /// <summary>The most bytes of an answer: a thousand backends with a hundred holders each.</summary>
    private const long LargestAnswer = 256L << 20;

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public AdminApi(Connection connection, TimeProvider time)
    {
        Connection = connection;
        _time = time;

        // Nothing that stands for others is asked about this machine.
        var handler = new SocketsHttpHandler { UseProxy = !connection.Url.IsLoopback, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = connection.Timeout };
        _http = new HttpClient(handler) { BaseAddress = new Uri(connection.Url, Root), Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
        _http.DefaultRequestHeaders.Accept.ParseAdd(MediaTypeNames.Application.Json);
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("admission-cli", CliVersion.Current));
        if (connection.Key is { } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public Connection Connection { get; }

    /// <summary>Somebody has answered.</summary>
    public bool HasAnswer { get; private set; }

    public void Dispose() => _http.Dispose();

    /// <summary>The path of a backend.</summary>
    public static string Backend(string id, string rest = "") => $"backends/{Uri.EscapeDataString(id)}{rest}";

    /// <summary>Asks, and ends the command where the answer is a problem.</summary>
    /// <param name="path">Below <c>/admission/v1</c>; or what the API calls <c>next</c>.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<ApiAnswer> GetAsync(string path, CancellationToken stop)
    {
        var answer = await AskAsync(HttpMethod.Get, path, stop);
        return answer.Problem is { } problem ? throw await ApiFailures.OfAsync(this, problem, stop) : answer;
    }

    /// <summary>Asks; a problem is an answer too.</summary>
    public async Task<ApiAnswer> AskAsync(HttpMethod method, string path, CancellationToken stop, JsonContent? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith("/" + Root, StringComparison.Ordinal) ? path[(Root.Length + 1)..] : path) { Content = body?.ToHttp() };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, Connection.Timeout, stop);
        return await ReadAsync(response, stop);
    }

    /// <summary>Asks whether a backend has room; that it has none is an answer with the status 503.</summary>
    public async Task<ApiAnswer> AskReadyAsync(string backend, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Backend(backend, "/ready"));
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, Connection.Timeout, stop);
        if (response.Content.Headers.ContentType?.MediaType == MediaTypeNames.Application.Json)
        {
            response.StatusCode = HttpStatusCode.OK;
        }

        return await ReadAsync(response, stop);
    }

    /// <summary>Sends a request whose answer is a stream, or the backend's own.</summary>
    /// <param name="request">The request, its address below <c>/admission/v1</c>.</param>
    /// <param name="completion">Whether the whole answer is awaited.</param>
    /// <param name="patience">How long it may take; infinite for no bound.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="CommandFailedException">Nobody answers.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, TimeSpan patience, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            var response = await _http.SendAsync(request, completion, either.Token);
            HasAnswer = true;
            return response;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw ApiFailures.Silent(Connection, patience);
        }
        catch (HttpRequestException failed)
        {
            throw ApiFailures.Away(Connection, failed);
        }
    }

    /// <summary>Opens the body of an answer whose end was not awaited.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="patience">How long the gateway may say nothing in between.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<Stream> OpenAsync(HttpResponseMessage response, TimeSpan patience, CancellationToken stop) =>
        new AnswerStream(await response.Content.ReadAsStreamAsync(stop), Connection, patience, _time);

    /// <summary>Reads an answer of the API itself.</summary>
    /// <exception cref="CommandFailedException">No gateway answers like this, or not to the end.</exception>
    public async Task<ApiAnswer> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        await LoadAsync(response, stop);
        var text = await response.Content.ReadAsByteArrayAsync(stop);
        try
        {
            if (response.IsSuccessStatusCode)
            {
                var body = text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text, Json.Document);
                return body.ValueKind == JsonValueKind.Null ? throw new JsonException("The answer is null.") : new ApiAnswer(body, response.Headers.ETag?.ToString(), null);
            }

            if (response.Content.Headers.ContentType?.MediaType == MediaTypeNames.Application.ProblemJson)
            {
                return new ApiAnswer(default, response.Headers.ETag?.ToString(), ApiProblem.Read(text, (int)response.StatusCode));
            }
        }
        catch (JsonException)
        {
            // Told below: no gateway says that.
        }

        throw response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? ApiFailures.NotAllowed(Connection, null)
            : ApiFailures.NoGateway(Connection, response);
    }

    /// <summary>Takes in a body that may still be on its way.</summary>
    private async Task LoadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Connection.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            await response.Content.LoadIntoBufferAsync(LargestAnswer, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw ApiFailures.Stalled(Connection, Connection.Timeout);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw ApiFailures.Broken(Connection, broken);
        }
    }
}
