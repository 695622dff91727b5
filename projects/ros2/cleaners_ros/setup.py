"""Build of the ROS 2 package (``colcon build``)."""

from setuptools import setup

NAME = 'cleaners_ros'

setup(
    name=NAME,
    version='0.1.0',
    packages=[NAME],
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
    ],
    install_requires=['setuptools'],
    license='Apache-2.0',
    zip_safe=True,
    entry_points=dict(console_scripts=[f'node = {NAME}.node:main']),
)
