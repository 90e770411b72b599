using System.Net;
using Admission.Capacity;
using Admission.Client.Http;
using Admission.Client.Tests.RateLimiting;

namespace Admission.Client.Tests.Http;

public class AdmissionHandlerTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly Uri Address = new("http://backend.test/");

    [Fact]
    public async Task A_request_has_a_permit_until_its_body_was_read()
    {
        var (client, backend, http) = await ClientAsync(new Answering());
        using var response = await http.GetAsync(Address, HttpCompletionOption.ResponseHeadersRead);
        client.StateOf(backend)!.Value.InUse.ShouldBe(1);
        (await http.GetAsync(Address)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        (await response.Content.ReadAsStringAsync()).ShouldBe("answer");

        client.StateOf(backend)!.Value.InUse.ShouldBe(0);
    }

    [Fact]
    public async Task Reading_the_stream_to_its_end_gives_the_permit_back()
    {
        var (client, backend, http) = await ClientAsync(new Answering());
        using var response = await http.GetAsync(Address, HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[3];
        (await body.ReadAsync(buffer)).ShouldBe(3);
        client.StateOf(backend)!.Value.InUse.ShouldBe(1);

        while (await body.ReadAsync(buffer) > 0)
        {
        }

        client.StateOf(backend)!.Value.InUse.ShouldBe(0);
    }

    [Fact]
    public async Task A_response_that_is_disposed_unread_gives_the_permit_back()
    {
        var (client, backend, http) = await ClientAsync(new Answering());
        var response = await http.GetAsync(Address, HttpCompletionOption.ResponseHeadersRead);

        response.Dispose();
        response.Dispose();

        client.StateOf(backend)!.Value.InUse.ShouldBe(0);
    }

    [Fact]
    public async Task A_usual_request_gives_the_permit_back_with_its_answer_and_keeps_its_headers()
    {
        var (client, backend, http) = await ClientAsync(new Answering());

        using var response = await http.GetAsync(Address);

        client.StateOf(backend)!.Value.InUse.ShouldBe(0);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        response.Content.Headers.ContentLength.ShouldBe(6);
        (await response.Content.ReadAsStringAsync()).ShouldBe("answer");
    }

    [Theory]
    [InlineData("HEAD", HttpStatusCode.OK, 100)]
    [InlineData("GET", HttpStatusCode.NoContent, null)]
    [InlineData("GET", HttpStatusCode.NotModified, null)]
    [InlineData("POST", HttpStatusCode.Created, 0)]
    public async Task An_answer_without_a_body_keeps_no_permit_although_nobody_disposes_it(string method, HttpStatusCode status, int? length)
    {
        var answer = new HttpResponseMessage(status);
        if (length is { } declared)
        {
            answer.Content = new ByteArrayContent([]);
            answer.Content.Headers.ContentLength = declared;
        }

        var (client, backend, http) = await ClientAsync(new Answering { Answer = answer });
        using var request = new HttpRequestMessage(new HttpMethod(method), Address);

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        response.StatusCode.ShouldBe(status);
        client.StateOf(backend)!.Value.InUse.ShouldBe(0);
        response.Dispose();
        client.StateOf(backend)!.Value.InUse.ShouldBe(0);
    }

    [Fact]
    public async Task A_request_that_fails_gives_the_permit_back()
    {
        var (client, backend, http) = await ClientAsync(new Answering { Failure = new HttpRequestException(HttpRequestError.ConnectionError) });

        await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(Address));

        client.StateOf(backend)!.Value.InUse.ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_refused_gets_an_answer_as_from_the_gateway()
    {
        var (_, _, http) = await ClientAsync(new Answering());
        using var held = await http.GetAsync(Address, HttpCompletionOption.ResponseHeadersRead);

        using var refused = await http.GetAsync(Address);

        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        refused.Headers.GetValues("X-Admission-Reason").ShouldBe(["at-capacity"]);
        refused.RequestMessage!.RequestUri.ShouldBe(Address);
    }

    [Fact]
    public async Task Who_is_refused_gets_an_exception_where_it_is_asked_for()
    {
        var (_, backend, http) = await ClientAsync(new Answering(), options => options.ThrowsWhenRefused = true);
        using var held = await http.GetAsync(Address, HttpCompletionOption.ResponseHeadersRead);

        var refused = await Should.ThrowAsync<AdmissionRefusedException>(() => http.GetAsync(Address));

        refused.Refusal.Reason.ShouldBe(RefusalReason.AtCapacity);
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Message.ShouldContain(backend);
    }

    [Fact]
    public async Task No_request_is_sent_without_a_permit_by_a_thread_that_cannot_wait_for_one()
    {
        var (_, backend, http) = await ClientAsync(new Answering());
        using var request = new HttpRequestMessage(HttpMethod.Get, Address);

        var refused = Should.Throw<NotSupportedException>(() => http.Send(request));

        refused.Message.ShouldContain(backend);
        refused.Message.ShouldContain("Use HttpClient.SendAsync");
    }

    [Fact]
    public async Task What_a_request_asks_for_may_depend_on_it()
    {
        var (client, backend, http) = await ClientAsync(new Answering(), options => options.RequestOf = request => new AdmissionRequest { Weight = request.Method == HttpMethod.Post ? 2 : 1 }, limit: 2);

        using var response = await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, Address), HttpCompletionOption.ResponseHeadersRead);

        client.StateOf(backend)!.Value.InUse.ShouldBe(2);
    }

    private async Task<(AdmissionClient Client, string Backend, HttpClient Http)> ClientAsync(HttpMessageHandler inner, Action<AdmissionHandlerOptions>? configure = null, int limit = 1)
    {
        var backend = ledger.NextBackend();
        var client = await ledger.Cluster.ClientAsync(backend, new BackendPolicy { Limit = limit });
        var options = new AdmissionHandlerOptions(backend);
        configure?.Invoke(options);
        return (client, backend, new HttpClient(new AdmissionHandler(client, options) { InnerHandler = inner }));
    }

    private sealed class Answering : HttpMessageHandler
    {
        public Exception? Failure { get; init; }

        public HttpResponseMessage? Answer { get; init; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Failure is null ? Task.FromResult(Answer ?? new HttpResponseMessage { Content = new StringContent("answer"), RequestMessage = request }) : Task.FromException<HttpResponseMessage>(Failure);
    }
}
