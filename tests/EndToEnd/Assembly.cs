// As many as there are cores on the machines that this is for; those of Measured run after them, one by one.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
