namespace Admission.Handover;

/// <summary>
/// A semaphore in Redis with publish/subscribe, as Redisson's RSemaphore: a counter; who gives a permit back says so on a channel, and who waits listens there and tries again.
/// The counter has no leases: a process that dies takes its permit with it.
/// </summary>
internal sealed class NotifiedSemaphore : ISemaphore
{
    private const string Take =
        """
        local permits = redis.call('get', KEYS[1])
        if permits and tonumber(permits) >= 1 then
          redis.call('decrby', KEYS[1], 1)
          return 1
        end
        return 0
        """;

    private const string Give = "return redis.call('publish', KEYS[2], redis.call('incrby', KEYS[1], 1))";

    private readonly Lane[] _lanes;

    private NotifiedSemaphore(Lane[] lanes) => _lanes = lanes;

    public static async Task<NotifiedSemaphore> ConnectAsync(int port, int lanes) =>
        new(await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Lane.OpenAsync(port, lane))));

    public Task AcquireAsync(int lane) => _lanes[lane].AcquireAsync();

    public async ValueTask ReleaseAsync(int lane) => await _lanes[lane].ReleaseAsync();

    public Task CallAsync(int lane) => _lanes[lane].CallAsync();

    public ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
        {
            lane.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>One permit: one connection to ask on, one to listen on, which stays subscribed as a busy semaphore's does.</summary>
    private sealed class Lane(RedisConnection redis, RedisConnection channel, string key) : IDisposable
    {
        private string _take = "";
        private string _give = "";

        /// <summary>What was said on the channel and has not been looked at.</summary>
        private readonly SemaphoreSlim _heard = new(0);

        public static async Task<Lane> OpenAsync(int port, int number)
        {
            var lane = new Lane(await RedisConnection.OpenAsync(port), await RedisConnection.OpenAsync(port), $"notified:{number}");
            await lane.StartAsync();
            return lane;
        }

        public async Task AcquireAsync()
        {
            while (await redis.CallAsync("EVALSHA", _take, "1", key) is not 1L)
            {
                await _heard.WaitAsync();
            }
        }

        public Task ReleaseAsync() => redis.CallAsync("EVALSHA", _give, "2", key, Channel);

        public Task CallAsync() => redis.CallAsync("PING");

        public void Dispose()
        {
            redis.Dispose();
            channel.Dispose();
        }

        private string Channel => key + ":given";

        private async Task StartAsync()
        {
            _take = (string)(await redis.CallAsync("SCRIPT", "LOAD", Take))!;
            _give = (string)(await redis.CallAsync("SCRIPT", "LOAD", Give))!;
            await redis.CallAsync("SET", key, "1", "NX");
            await channel.CallAsync("SUBSCRIBE", Channel);
            _ = ListenAsync();
        }

        private async Task ListenAsync()
        {
            try
            {
                while (true)
                {
                    await channel.ReadAsync();
                    _heard.Release();
                }
            }
            catch (Exception exception) when (exception is ObjectDisposedException or System.Net.Sockets.SocketException)
            {
                // The frontend has had its turns.
            }
        }
    }
}
