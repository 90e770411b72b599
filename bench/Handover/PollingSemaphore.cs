using System.Globalization;

namespace Admission.Handover;

/// <summary>
/// A semaphore in Redis that is polled: a sorted set of who holds a permit and until when, as RedisDistributedSemaphore of madelson/DistributedLock has it (after J. L. Carlson,
/// "Redis in Action", 6.3). That one asks again after 10 to 800 ms; here after one second, as the issue asks.
/// </summary>
internal sealed class PollingSemaphore(RedisConnection redis) : ISemaphore
{
    private const string Take =
        """
        local now = redis.call('time')
        local ms = now[1] * 1000 + math.floor(now[2] / 1000)
        redis.call('zremrangebyscore', KEYS[1], '-inf', ms)
        if redis.call('zcard', KEYS[1]) < tonumber(ARGV[1]) then
          redis.call('zadd', KEYS[1], ms + ARGV[2], ARGV[3])
          redis.call('pexpire', KEYS[1], ARGV[2] * 3)
          return 1
        end
        return 0
        """;

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly string _name = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    private string _script = "";

    public static async Task<PollingSemaphore> ConnectAsync(int port)
    {
        var redis = await RedisConnection.OpenAsync(port);
        return new PollingSemaphore(redis) { _script = (string)(await redis.CallAsync("SCRIPT", "LOAD", Take))! };
    }

    public async Task AcquireAsync(int lane)
    {
        while (await AskAsync("EVALSHA", _script, "1", Key(lane), "1", "10000", _name) is not 1L)
        {
            await Task.Delay(Poll);
        }
    }

    public async ValueTask ReleaseAsync(int lane) => await AskAsync("ZREM", Key(lane), _name);

    public Task CallAsync(int lane) => AskAsync("PING");

    public ValueTask DisposeAsync()
    {
        redis.Dispose();
        _oneAtATime.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Key(int lane) => $"polled:{lane}";

    private async Task<object?> AskAsync(params string[] command)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            return await redis.CallAsync(command);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
